using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Layering;

/// <summary>Reads the sources: no folder may use a type of a folder above it or beside it.</summary>
public partial class LayeringTests
{
    /// <summary>Which folders each folder may use; what is not listed is forbidden.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Errors"] = [],
        ["Numerics"] = [],
        ["Numerics/Kernels"] = ["Numerics"],
        ["Numerics/Quantization"] = ["Numerics"],
        ["Numerics/Formats"] = ["Numerics", "Numerics/Kernels", "Numerics/Quantization"],
        ["Numerics/Gemm"] = ["Numerics", "Numerics/Kernels", "Numerics/Quantization", "Numerics/Formats"],
        ["Numerics/Interleaved"] = ["Numerics", "Numerics/Quantization", "Numerics/Formats"],
        ["Weights"] = ["Errors", .. Numerics],
        ["Contracts"] = ["Errors", "Numerics", "Numerics/Formats", "Weights"],
        ["Weights/Gguf"] = ["Errors", "Contracts", "Weights", .. Numerics],
        ["Weights/Safetensors"] = ["Errors", "Contracts", "Weights", .. Numerics],
        ["Embedding"] = [.. Component],
        ["Positions"] = [.. Component],
        ["Normalization"] = [.. Component],
        ["Attention"] = [.. Component],
        ["FeedForward"] = [.. Component],
        ["Output"] = [.. Component],
        ["Model"] = [.. Component],
        ["Model/TransformerBuilder.cs"] = [.. Component, "Model", .. Components],
        ["Architectures"] = [.. Component, "Model", .. Components],
        ["Tokenization"] = ["Errors", "Contracts"],
        ["Sampling"] = ["Errors", .. Numerics],
        ["Generation"] = ["Errors", "Contracts", "Weights", "Weights/Gguf", "Weights/Safetensors", "Model", "Architectures", "Tokenization", "Sampling", .. Numerics],
        ["Generation/Rehearsal.cs"] = ["Errors", "Contracts", "Weights", "Attention", "FeedForward", "Model", "Architectures", "Numerics"],
        ["Hosting"] = ["Errors", "Contracts", "Model", "Generation"],
    };

    private static string[] Numerics => ["Numerics", "Numerics/Kernels", "Numerics/Quantization", "Numerics/Formats", "Numerics/Gemm", "Numerics/Interleaved"];

    private static string[] Component => ["Errors", "Contracts", "Weights", .. Numerics];

    private static string[] Components => ["Embedding", "Positions", "Normalization", "Attention", "FeedForward", "Output"];

    [Fact]
    public void No_folder_reaches_up_or_sideways()
    {
        Dictionary<string, string> folderOfType = [];
        List<(string File, string Folder, string Code)> files = [];
        foreach (string path in Directory.EnumerateFiles(Source(), "*.cs", SearchOption.AllDirectories))
        {
            string file = Path.GetRelativePath(Source(), path).Replace('\\', '/');
            if (file.StartsWith("obj/", StringComparison.Ordinal) || file.StartsWith("bin/", StringComparison.Ordinal))
                continue;
            string folder = file[..file.LastIndexOf('/')];
            string code = Prose().Replace(File.ReadAllText(path), "");
            files.Add((file, folder, code));
            foreach (Match declaration in Declaration().Matches(code))
                folderOfType[declaration.Groups[1].Value] = folder;
        }

        List<string> wrong = [];
        foreach ((string file, string folder, string code) in files)
        {
            string[] allowed = Allowed.GetValueOrDefault(file) ?? Allowed.GetValueOrDefault(folder) ?? [];
            HashSet<string> own = [.. Declaration().Matches(code).Select(match => match.Groups[1].Value)];
            foreach (string word in Word().Matches(code).Select(match => match.Value).Distinct())
            {
                if (folderOfType.TryGetValue(word, out string? used) && used != folder && !own.Contains(word) && !allowed.Contains(used) && IsAType(code, word))
                    wrong.Add($"{file} uses {word} of {used}");
            }
        }
        files.Should().HaveCountGreaterThan(50);
        wrong.Should().BeEmpty();
    }

    [Fact]
    public void Every_folder_has_a_rule()
    {
        IEnumerable<string> folders = Directory.EnumerateFiles(Source(), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Source(), Path.GetDirectoryName(path)!).Replace('\\', '/'))
            .Where(folder => !folder.StartsWith("obj", StringComparison.Ordinal) && !folder.StartsWith("bin", StringComparison.Ordinal))
            .Distinct();
        folders.Should().OnlyContain(folder => Allowed.ContainsKey(folder));
    }

    /// <summary>A type's name may also be a member's (x.Tokenizer, Softmax = ...); only uses that can be a type count.</summary>
    private static bool IsAType(string code, string word) =>
        Regex.IsMatch(code, $@"(?<![\w.]){word}(?:\s*[<.?\[\])>(]|\s+[a-z_]|\s*\{{)") && !Regex.IsMatch(code, $@"\b\w+[?>\]]?\s+{word}\s*(?:=>|[{{;=(])");

    private static string Source() => Repository.Path("src", "Transformer.Core");

    [GeneratedRegex(@"(?:class|struct|interface|enum|record|record struct|delegate \w+)\s+([A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();

    /// <summary>Comments and strings speak of whatever they like.</summary>
    [GeneratedRegex(@"//[^\n]*|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex Prose();
}
