using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Testing.Tests;

/// <summary>docs/write-a-component.md shows code that is compiled, as it is.</summary>
public partial class WriteAComponentPageTests
{
    [Fact]
    public void Every_snippet_is_of_the_sample()
    {
        string page = File.ReadAllText(Repository.Path("docs", "write-a-component.md")).ReplaceLineEndings("\n");
        string[] sources = [.. Directory.EnumerateFiles(Repository.Path("samples", "SwapAComponent"), "*.cs").Select(path => File.ReadAllText(path).ReplaceLineEndings("\n"))];
        string[] snippets = [.. Snippet().Matches(page).Select(match => match.Groups[1].Value)];
        snippets.Should().HaveCountGreaterThan(4);
        foreach (string snippet in snippets)
            sources.Should().Contain(source => source.Contains(snippet), "the page shows\n{0}", snippet);
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
