using System.Text.Json;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>A <c>model.safetensors.index.json</c>: which of the files beside it holds which tensor.</summary>
internal static class SafetensorsIndex
{
    /// <summary>Opens the files of an index; gives each tensor's name with its file, in the order of the index.</summary>
    /// <exception cref="ModelFileException">A file or a tensor is missing, or a file is not one beside the index.</exception>
    public static IReadOnlyList<(string Name, SafetensorsFile File)> Open(string path)
    {
        IReadOnlyList<(string Tensor, string File)> map = JsonFile.Read(path, root => Map(path, root));
        string folder = Path.GetDirectoryName(path) ?? "";
        Dictionary<string, SafetensorsFile> files = [];
        List<(string Name, SafetensorsFile File)> tensors = [];
        foreach ((string tensor, string name) in map)
        {
            if (!files.TryGetValue(name, out SafetensorsFile? file))
                files[name] = file = OpenFile(path, folder, tensor, name);
            if (!file.Contains(tensor))
                throw new ModelFileException(path, $"tensor '{tensor}'", $"a tensor of this name in {name}", "none");
            tensors.Add((tensor, file));
        }
        return tensors;
    }

    private static SafetensorsFile OpenFile(string path, string folder, string tensor, string name)
    {
        // Both separators, whatever the system: a model must not reach out of its folder, on any machine.
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny("/\\:\0") >= 0)
            throw new ModelFileException(path, $"tensor '{tensor}'", "the name of a file beside the index", $"'{name}'");
        string file = Path.Combine(folder, name);
        return File.Exists(file)
            ? SafetensorsFile.Open(file)
            : throw new ModelFileException(path, $"tensor '{tensor}'", $"a file {name} beside the index", "no such file");
    }

    private static List<(string Tensor, string File)> Map(string path, JsonElement root)
    {
        if (!root.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            throw new ModelFileException(path, "weight_map", "an object that gives each tensor's file", "none");
        List<(string Tensor, string File)> entries = [];
        HashSet<string> names = [];
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String)
                throw new ModelFileException(path, $"tensor '{entry.Name}'", "the name of a file", $"{entry.Value.ValueKind}");
            if (!names.Add(entry.Name))
                throw new ModelFileException(path, $"tensor '{entry.Name}'", "one tensor of this name", "a second one");
            entries.Add((entry.Name, entry.Value.GetString()!));
        }
        return entries;
    }
}
