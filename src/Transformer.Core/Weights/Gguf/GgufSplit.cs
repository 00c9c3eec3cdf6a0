using System.Globalization;
using System.Text.RegularExpressions;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// Opens the parts of a model that llama.cpp's gguf-split cut into <c>name-00001-of-00003.gguf</c> and so on.
/// The first part has all metadata; each part says its number (<c>split.no</c>, from 0) and how many there are.
/// </summary>
internal static partial class GgufSplit
{
    /// <summary>The part given and those that follow it; a file that is not split is its only part.</summary>
    /// <exception cref="ModelFileException">A part is missing, out of place, or not the first.</exception>
    public static IReadOnlyList<(MappedFile File, GgufHeader Header)> Open(string path)
    {
        MappedFile file = MappedFile.Open(path);
        GgufHeader header = new(file);
        long count = Number(path, header, "split.count") ?? 1;
        if (count <= 1)
            return [(file, header)];

        string name = Path.GetFileName(path);
        Match match = PartName().Match(name);
        if (!match.Success || long.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture) != count)
            throw new ModelFileException(path, "split.count", $"a file name that ends with -00001-of-{count:D5}.gguf", name);
        long first = Number(path, header, "split.no") ?? 0;
        if (first != 0)
            throw new ModelFileException(path, "split.no", $"the first part ({PathOf(path, match, 1, count)})", $"part {first + 1} of {count}");

        List<(MappedFile File, GgufHeader Header)> parts = [(file, header)];
        for (int part = 2; part <= count; part++)
            parts.Add(OpenPart(PathOf(path, match, part, count), part, count));

        long tensors = parts.Sum(part => (long)part.Header.Tensors.Count);
        if (Number(path, header, "split.tensors.count") is { } expected && expected != tensors)
            throw new ModelFileException(path, "split.tensors.count", $"{expected} tensors in all parts", $"{tensors}");
        return parts;
    }

    private static (MappedFile File, GgufHeader Header) OpenPart(string path, int part, long count)
    {
        if (!File.Exists(path))
            throw new ModelFileException(path, null, $"part {part} of {count}", "no such file");
        MappedFile file = MappedFile.Open(path);
        GgufHeader header = new(file);
        if (Number(path, header, "split.no") is var number && number != part - 1)
            throw new ModelFileException(path, "split.no", $"{part - 1}", number is null ? "no such key" : $"{number}");
        if (Number(path, header, "split.count") is var total && total != count)
            throw new ModelFileException(path, "split.count", $"{count}", total is null ? "no such key" : $"{total}");
        return (file, header);
    }

    private static long? Number(string path, GgufHeader header, string key) => header.Metadata.GetValueOrDefault(key) switch
    {
        null => null,
        long value and >= 0 => value,
        object other => throw new ModelFileException(path, key, "a number that is not negative", $"{other}"),
    };

    private static string PathOf(string path, Match first, int part, long count) =>
        Path.Combine(Path.GetDirectoryName(path) ?? "", $"{first.Groups["name"].Value}-{part:D5}-of-{count:D5}.gguf");

    [GeneratedRegex(@"^(?<name>.*)-\d{5}-of-(?<count>\d{5})\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
