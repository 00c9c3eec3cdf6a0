namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// One safetensors file, mapped into memory: tensors under the file's own names. A model, which is a folder of such
/// files and a config.json, is a <see cref="HuggingFaceFolder"/>. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>Format: README of huggingface/safetensors. A file opens whatever its tensors' types are; one that cannot be
/// decoded is reported by <see cref="Find"/>.</para>
/// <para><see cref="Dispose"/> lets go of the file but does not unmap it: memory of tensors that are still in use stays
/// valid, and the pages go with the last of them.</para>
/// </remarks>
public sealed class SafetensorsFile : IWeightSource
{
    private readonly IReadOnlyList<SafetensorsTensorInfo> _infos;
    private readonly Dictionary<string, SafetensorsTensorInfo> _tensors;
    private MappedFile? _file;

    private SafetensorsFile(MappedFile file)
    {
        _file = file;
        Origin = file.Path;
        (_infos, Metadata) = SafetensorsHeader.Read(file);
        _tensors = _infos.ToDictionary(info => info.Name);
    }

    /// <inheritdoc/>
    public string Origin { get; }

    /// <summary>The free-form texts of the header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Every tensor, in the order of the header.</summary>
    public IReadOnlyList<SafetensorsTensorInfo> TensorInfos => _infos;

    /// <inheritdoc/>
    public IEnumerable<string> Names => _infos.Select(info => info.Name);

    /// <summary>Opens a file.</summary>
    /// <exception cref="ModelFileException">It is missing or damaged; the message names the place.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SafetensorsFile(MappedFile.Open(path));
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The tensor of that name in the file, or null if there is none.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Not used: a file gives a tensor in the shape it has.</param>
    /// <exception cref="UnsupportedModelException">The tensor is of a type that this library does not decode.</exception>
    /// <exception cref="ModelFileException">Its dimensions are too large.</exception>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public Tensor? Find(string name, TensorShape shape)
    {
        MappedFile file = _file ?? throw new ObjectDisposedException(Origin);
        if (!_tensors.TryGetValue(name, out SafetensorsTensorInfo? info))
            return null;
        return SafetensorsType.Find(info.TypeName)?.Format is { } format
            ? FileTensor.Create(file, name, info.Dimensions, format, info.Offset, info.SizeInBytes)
            : throw new UnsupportedModelException(file.Path, $"type (of tensor '{name}')", info.TypeName, SafetensorsType.Supported);
    }

    /// <summary>What the header says of a tensor, and its bytes, whatever their type; null if there is none.</summary>
    internal (SafetensorsTensorInfo Info, TensorMemory Bytes)? FindBytes(string name)
    {
        MappedFile file = _file ?? throw new ObjectDisposedException(Origin);
        return _tensors.TryGetValue(name, out SafetensorsTensorInfo? info) ? (info, file.Part(info.Offset, info.SizeInBytes)) : null;
    }

    /// <summary>Lets go of the file. Tensors' memory that was opened before stays valid for as long as it is referenced.</summary>
    public void Dispose() => _file = null;
}
