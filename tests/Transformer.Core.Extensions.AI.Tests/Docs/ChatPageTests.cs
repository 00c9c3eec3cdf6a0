using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Docs;

/// <summary>docs/chat.md shows code that is compiled, as it is.</summary>
public partial class ChatPageTests
{
    [Fact]
    public void Every_snippet_is_compiled()
    {
        string source = Plain(File.ReadAllText(Repository.Path("tests", "Transformer.Core.Extensions.AI.Tests", "Docs", "ChatPage.cs")));
        string[] snippets = [.. Snippet().Matches(File.ReadAllText(Repository.Path("docs", "chat.md")).ReplaceLineEndings("\n")).Select(match => Plain(match.Groups[1].Value))];
        snippets.Should().HaveCount(5);
        foreach (string snippet in snippets)
            source.Should().Contain(snippet);
    }

    private static string Plain(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
