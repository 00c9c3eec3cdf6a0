using System.Text.Json;
using Transformer.Core.Extensions.AI.Jinja;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Jinja;

/// <summary>
/// Templates of our own, rendered by npm @huggingface/jinja and, where that differs from Jinja, by Python's Jinja with
/// Hugging Face's settings: then Python is right. See tests/reference/chat-templates.
/// </summary>
public class SnippetTests
{
    public static TheoryData<string> Names => [.. Lines.Select(line => line.GetProperty("name").GetString()!)];

    private static List<JsonElement> Lines { get; } =
        [.. File.ReadLines(Repository.Path("tests", "Transformer.Core.Extensions.AI.Tests", "Data", "snippets.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Renders_as_the_reference(string name)
    {
        JsonElement line = Lines.Single(candidate => candidate.GetProperty("name").GetString() == name);
        JsonElement expected = line.TryGetProperty("python", out JsonElement python) ? python : line;
        Func<string> render = () => JinjaTemplate.Parse(line.GetProperty("template").GetString()!).Render(JinjaValues.Variables(line.GetProperty("variables"))).Text;
        if (expected.TryGetProperty("output", out JsonElement output))
            render().Should().Be(output.GetString());
        else
            render.Should().Throw<ChatTemplateException>();
    }

    [Fact]
    public void There_are_snippets() => Lines.Should().HaveCountGreaterThan(150);
}
