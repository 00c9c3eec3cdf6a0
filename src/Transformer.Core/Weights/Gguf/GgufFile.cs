namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// A model in GGUF, versions 2 and 3, mapped into memory: its metadata and its tensors under the file's own names
/// (<c>blk.0.attn_q.weight</c>); <see cref="GgufNames.Canonical"/> gives them under canonical ones. Of a split model
/// (<c>…-00001-of-00003.gguf</c>) all parts together. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>Format: ggml's docs/gguf.md. A file opens whatever its tensors' types are; a type that cannot be decoded is
/// reported by <see cref="Find(string, TensorShape)"/>.</para>
/// <para><see cref="Dispose"/> lets go of the file but does not unmap it: memory of tensors that are still in use stays
/// valid, and the pages go with the last of them.</para>
/// </remarks>
public sealed class GgufFile : IWeightSource, IModelMetadata
{
    private readonly GgufHeader _first;
    private readonly List<GgufTensorInfo> _infos = [];
    private readonly List<string> _files = [];
    private readonly bool _hasOutput;
    private Dictionary<string, (GgufTensorInfo Info, MappedFile File)>? _tensors = [];

    private GgufFile(string path, IReadOnlyList<(MappedFile File, GgufHeader Header)> parts)
    {
        Origin = path;
        _first = parts[0].Header;
        Architecture = _first.Metadata.GetValueOrDefault("general.architecture") as string ?? "";
        foreach ((MappedFile file, GgufHeader header) in parts)
        {
            _files.Add(file.Path);
            foreach (GgufTensorInfo info in header.Tensors)
            {
                if (!_tensors.TryAdd(info.Name, (info, file)))
                    throw new ModelFileException(file.Path, $"tensor '{info.Name}'", "one tensor of this name in all parts", $"another one in {_tensors[info.Name].Info.File}");
                _infos.Add(info);
            }
        }
        _hasOutput = _tensors.ContainsKey("output.weight");
    }

    /// <inheritdoc cref="IWeightSource.Origin"/>
    public string Origin { get; }

    /// <summary>Version of the format: 2 or 3.</summary>
    public int Version => _first.Version;

    /// <summary><c>general.architecture</c>; empty if the file does not say.</summary>
    public string Architecture { get; }

    /// <summary>The files that make up the model: one, or every part.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Every tensor, in the order of the file.</summary>
    public IReadOnlyList<GgufTensorInfo> TensorInfos => _infos;

    /// <summary>Names of all tensors as the file has them.</summary>
    public IEnumerable<string> Names => _infos.Select(info => info.Name);

    /// <summary>Metadata keys as the file has them.</summary>
    public IEnumerable<string> Keys => _first.Keys;

    /// <summary>Opens a file; of a split model, all parts by the first one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">A file is missing or damaged; the message names the place.</exception>
    /// <exception cref="UnsupportedModelException">The file is big-endian, of another version, or has metadata of a kind that is not supported.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new GgufFile(path, GgufSplit.Open(path));
    }

    /// <inheritdoc/>
    public bool Contains(string name) => Tensors.ContainsKey(name);

    /// <summary>The tensor of that name in the file, or null if there is none.</summary>
    /// <param name="name">Its name in the file, such as <c>blk.0.attn_q.weight</c>.</param>
    /// <param name="shape">Not used: a file gives a tensor in the shape it has.</param>
    /// <exception cref="UnsupportedModelException">The tensor is of a type that this library does not decode.</exception>
    /// <exception cref="ModelFileException">Its dimensions are too large.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Tensor? Find(string name, TensorShape shape)
    {
        if (!Tensors.TryGetValue(name, out (GgufTensorInfo Info, MappedFile File) found))
            return null;
        (GgufTensorInfo info, MappedFile file) = found;
        return GgufTensorType.FormatOf(info.TypeName) is { } format && info.SizeInBytes is { } size
            ? FileTensor.Create(file, name, [.. info.Dimensions.Reverse()], format, info.Offset, size)
            : throw new UnsupportedModelException(file.Path, $"type (of tensor '{name}')", info.TypeName, GgufTensorType.Supported);
    }

    /// <summary>
    /// The value of a key, in the file's spelling (<c>llama.block_count</c>) or canonical (<c>num_hidden_layers</c>).
    /// Beyond what the file says, <c>tie_word_embeddings</c> is true where it has no <c>output.weight</c>, and
    /// <c>rope_pairing</c> tells which values of a head the rotation pairs: <c>interleaved</c> or <c>half</c>.
    /// </summary>
    /// <returns>
    /// A long (a double for unsigned numbers past 2⁶³), double, bool or string, or an array of one of these; null if there is none.
    /// </returns>
    public object? Find(string key) => _first.Metadata.GetValueOrDefault(key)
        ?? GgufKeys.Find(_first.Metadata, Architecture, _hasOutput, key);

    /// <summary>Lets go of the file. Tensors' memory that was opened before stays valid for as long as it is referenced.</summary>
    public void Dispose() => _tensors = null;

    /// <summary>The special tokens as text, under the names they have in tokenizer_config.json; GGUF gives only their ids.</summary>
    internal IEnumerable<(string Key, object Value)> SpecialTokens()
    {
        if (Find("tokenizer.ggml.tokens") is not string[] tokens)
            yield break;
        foreach ((string key, string name) in new[] { ("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding") })
            if (Find($"tokenizer.ggml.{name}_token_id") is long id && id >= 0 && id < tokens.Length)
                yield return (key, tokens[id]);
    }

    /// <summary>The bytes of a value as they stand in the file, its type before them.</summary>
    internal TensorMemory BytesOf(string key) => _first.Bytes(key);

    /// <summary>The bytes of a tensor, whether or not this library decodes them.</summary>
    internal TensorMemory BytesOf(GgufTensorInfo info) => info.SizeInBytes is { } size
        ? Tensors[info.Name].File.Part(info.Offset, size)
        : throw new UnsupportedModelException(info.File, $"type (of tensor '{info.Name}')", info.TypeName, GgufTensorType.Supported);

    private Dictionary<string, (GgufTensorInfo Info, MappedFile File)> Tensors => _tensors ?? throw new ObjectDisposedException(Origin);
}
