namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// A model as Hugging Face's transformers saves it: config.json with model.safetensors, or with
/// model.safetensors.index.json and the files it names. Tensors stand under the names of the files;
/// <see cref="HuggingFaceNames.Canonical"/> gives them under canonical ones. Immutable and thread-safe.
/// </summary>
/// <remarks><see cref="Dispose"/> lets go of the files but does not unmap them: memory of tensors that are still in use stays valid.</remarks>
public sealed class HuggingFaceFolder : IWeightSource, IModelMetadata
{
    private const string ConfigName = "config.json";
    private const string SingleName = "model.safetensors";
    private const string IndexName = "model.safetensors.index.json";

    private static readonly string[] Heads = ["lm_head.weight", "embed_out.weight"];

    private readonly HuggingFaceConfig _config;
    private readonly IReadOnlyList<(string Name, SafetensorsFile File)> _entries;
    private readonly Dictionary<string, SafetensorsFile> _tensors;

    private HuggingFaceFolder(string path, HuggingFaceConfig config, IReadOnlyList<(string Name, SafetensorsFile File)> entries)
    {
        Origin = path;
        _config = config;
        _entries = entries;
        _tensors = entries.ToDictionary(entry => entry.Name, entry => entry.File);
        Files = [.. entries.Select(entry => entry.File.Origin).Distinct()];
        TensorInfos = [.. entries.Select(entry => entry.File).Distinct().SelectMany(file => file.TensorInfos)
            .Where(info => _tensors.TryGetValue(info.Name, out SafetensorsFile? file) && file.Origin == info.File)];
    }

    /// <inheritdoc cref="IWeightSource.Origin"/>
    public string Origin { get; }

    /// <summary><c>model_type</c> of config.json; empty if it does not say.</summary>
    public string Architecture => _config.Find("model_type") as string ?? "";

    /// <summary>The files with tensors.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>Every tensor of the model, file after file.</summary>
    public IReadOnlyList<SafetensorsTensorInfo> TensorInfos { get; }

    /// <summary>Names of all tensors as the files have them.</summary>
    public IEnumerable<string> Names => _entries.Select(entry => entry.Name);

    /// <summary>Keys of config.json, nested ones joined by dots. Keys whose value is null or an empty list are left out.</summary>
    public IEnumerable<string> Keys => _config.Keys;

    /// <summary>Opens a folder, or one safetensors file with the config.json beside it.</summary>
    /// <param name="path">The folder or the file.</param>
    /// <exception cref="ModelFileException">A file or a tensor is missing or damaged; the message names it.</exception>
    public static HuggingFaceFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
            return new HuggingFaceFolder(path, HuggingFaceConfig.Read(Path.Combine(path, ConfigName)), OpenWeights(path));

        // The weights first: where the path is wrong, that is what the message should say.
        SafetensorsFile file = SafetensorsFile.Open(path);
        string folder = Path.GetDirectoryName(path) ?? "";
        return new HuggingFaceFolder(path, HuggingFaceConfig.Read(Path.Combine(folder, ConfigName)), All(file));
    }

    /// <inheritdoc/>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>The tensor of that name in the files, or null if there is none.</summary>
    /// <param name="name">Its name in the files.</param>
    /// <param name="shape">Not used: a file gives a tensor in the shape it has.</param>
    /// <exception cref="UnsupportedModelException">The tensor is of a type that this library does not decode.</exception>
    /// <exception cref="ModelFileException">Its dimensions are too large.</exception>
    /// <exception cref="ObjectDisposedException">The folder was closed.</exception>
    public Tensor? Find(string name, TensorShape shape) => _tensors.TryGetValue(name, out SafetensorsFile? file) ? file.Find(name, shape) : null;

    /// <summary>What the files say of a tensor, and its bytes, whatever their type; null if there is none.</summary>
    internal (SafetensorsTensorInfo Info, TensorMemory Bytes)? FindBytes(string name) => _tensors.TryGetValue(name, out SafetensorsFile? file) ? file.FindBytes(name) : null;

    /// <summary>
    /// The value of a key of config.json, also under Llama's spelling where the family has another (<c>n_embd</c> for
    /// <c>hidden_size</c>). What the file leaves to transformers' defaults: <c>tie_word_embeddings</c> is true where
    /// there is no output matrix, GPT-2's <c>intermediate_size</c> is four times its width.
    /// <c>rope_pairing</c> is <c>half</c>, as in these files of all families but DeepSeek's.
    /// </summary>
    /// <returns>A long, double, bool or string, or an array of one of these; null if there is none.</returns>
    public object? Find(string key) => _config.Find(key) ?? key switch
    {
        "tie_word_embeddings" => !Heads.Any(Contains),
        "rope_pairing" => Architecture is "deepseek_v2" or "deepseek_v3" && _config.Find("rope_interleave") is not false ? "interleaved" : "half",
        _ => HuggingFaceDefaults.Find(Architecture, key, _config.Find("hidden_size") as long?),
    };

    /// <summary>Lets go of the files. Tensors' memory that was opened before stays valid for as long as it is referenced.</summary>
    public void Dispose()
    {
        foreach ((_, SafetensorsFile file) in _entries)
            file.Dispose();
    }

    private static IReadOnlyList<(string Name, SafetensorsFile File)> OpenWeights(string folder)
    {
        string single = Path.Combine(folder, SingleName);
        if (File.Exists(single))
            return All(SafetensorsFile.Open(single));
        string index = Path.Combine(folder, IndexName);
        if (File.Exists(index))
            return SafetensorsIndex.Open(index);
        return Directory.GetFiles(folder, "*.safetensors") is [string only]
            ? All(SafetensorsFile.Open(only))
            : throw new ModelFileException(folder, null, $"{SingleName} or {IndexName}", "neither");
    }

    private static IReadOnlyList<(string Name, SafetensorsFile File)> All(SafetensorsFile file) => [.. file.Names.Select(name => (name, file))];
}
