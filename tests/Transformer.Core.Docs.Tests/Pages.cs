using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Docs.Tests;

/// <summary>The pages for readers, and the code in them.</summary>
internal static partial class Pages
{
    /// <summary>Every page, relative to the repository: docs/ and the READMEs of the repository and of the packages.</summary>
    public static IEnumerable<string> All { get; } =
    [
        "README.md",
        .. Files("docs", "*.md"),
        .. Files("src", "README.md"),
    ];

    /// <summary>Files of a folder and those below it.</summary>
    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Repository.Path(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Path(), path).Replace('\\', '/'))
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    public static string Text(string page) => File.ReadAllText(Repository.Path(page.Split('/'))).ReplaceLineEndings("\n");

    /// <summary>The C# blocks of a page, each with its usings apart.</summary>
    public static IEnumerable<(string[] Usings, string Code)> Blocks(string page)
    {
        foreach (Match match in Block().Matches(Text(page)))
        {
            string[] lines = Plain(match.Groups[1].Value).Split('\n');
            string[] usings = [.. lines.TakeWhile(line => Using().IsMatch(line))];
            yield return (usings, string.Join('\n', lines[usings.Length..]).Trim());
        }
    }

    /// <summary>The regions of a source file.</summary>
    public static IEnumerable<string> Regions(string file) => Region().Matches(Plain(Text(file))).Select(match => match.Groups[1].Value.Trim());

    /// <summary>Code without its indentation and its docstrings.</summary>
    public static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => !line.StartsWith("///", StringComparison.Ordinal)));

    [GeneratedRegex("^ *```csharp\n(.*?)^ *```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^using [A-Za-z.]+;$")]
    private static partial Regex Using();

    [GeneratedRegex("^#region [^\n]*\n(.*?)^#endregion", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Region();
}
