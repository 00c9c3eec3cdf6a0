using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI.Tests.Tools;

/// <summary>What comes out does not depend on how the text was cut, and nothing is shown that may be taken back.</summary>
public class ReaderTests
{
    public static TheoryData<string> Answers =>
    [
        "plain text, nothing else",
        "<think>\nfirst < this\n</think>\n\nthen that ",
        "<think></think>\n\nquick",
        "no < tags <thin <tool_ <tool_call",
        "Before.\n\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"</b>\"}}\n</tool_call>\n<tool_call>{\"name\": \"g\", \"arguments\": {}}</tool_call>",
        "<think>a<tool_call>b</tool_call></think>c",
        "<tool_call>broken</tool_call> and on",
        "  leading and trailing  \n",
        "<think>never closed",
    ];

    [Theory]
    [MemberData(nameof(Answers))]
    public void Pieces_do_not_matter(string answer)
    {
        string whole = Read([answer]);

        Read(answer.Select(c => c.ToString())).Should().Be(whole);
        for (int at = 1; at < answer.Length; at++)
            Read([answer[..at], answer[at..]]).Should().Be(whole);
    }

    [Theory]
    [InlineData("plain", "T:plain")]
    [InlineData("<think>\nr \n</think>\n\n t ", "R:r|T:t ")]
    [InlineData("x <tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call> y", "T:x|C:f|T:y")]
    [InlineData("<tool_call>x</tool_call>", "T:<tool_call>x</tool_call>")]
    [InlineData("a<b", "T:a<b")]
    public void Regions_are_found(string answer, string expected) => Read([answer]).Should().Be(expected);

    [Theory]
    [InlineData("{\"name\": \"f\", \"parameters\": {}}", "C:f")]
    [InlineData("{\"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {}}", "C:f|C:g")]
    [InlineData("\n{\"name\": \"f\", \"parameters\": {}}", "C:f")]
    [InlineData("{\"other\": 1}", "T:{\"other\": 1}")]
    [InlineData("Use {\"name\": \"f\", \"parameters\": {}}", "T:Use {\"name\": \"f\", \"parameters\": {}}")]
    public void Llamas_call_is_the_whole_answer(string answer, string expected)
    {
        Read([answer], ToolCallFormat.Llama).Should().Be(expected);
        Read(answer.Select(c => c.ToString()), ToolCallFormat.Llama).Should().Be(expected);
    }

    [Fact]
    public void Harmony_is_read_by_its_channels()
    {
        HarmonyReader reader = new();
        List<AIContent> found = [];
        foreach ((string piece, bool isMark) in new[]
        {
            ("<|channel|>", true), ("analysis", false), ("<|message|>", true), ("Think ", false), ("hard.", false), ("<|end|>", true),
            ("<|start|>", true), ("assistant", false), ("<|channel|>", true), ("commentary", false), ("<|message|>", true), ("I look.", false), ("<|end|>", true),
            ("<|start|>", true), ("assistant to=functions.f", false), ("<|channel|>", true), ("commentary json", false), ("<|message|>", true), ("{\"a\"", false), (": 1}", false), ("<|call|>", true),
        })
            found.AddRange(reader.Append(piece, isMark));
        found.AddRange(reader.Flush());

        Show(found).Should().Be("R:Think hard.|T:I look.|C:f");
        found.OfType<FunctionCallContent>().Single().Arguments.Should().ContainKey("a");
    }

    [Theory]
    [InlineData("<|channel|>analysis<|message|>", ToolCallFormat.Harmony)]
    [InlineData("<｜tool▁call▁begin｜>", ToolCallFormat.DeepSeek)]
    [InlineData("[TOOL_CALLS]", ToolCallFormat.Mistral)]
    [InlineData("<tool_call></tool_call>", ToolCallFormat.Hermes)]
    [InlineData("tools <|python_tag|>", ToolCallFormat.Llama)]
    [InlineData("<|im_start|>", ToolCallFormat.None)]
    public void Formats_are_known_by_the_template(string template, ToolCallFormat expected) =>
        ChatTemplate.Parse("{% raw %}" + template + "{% endraw %}").ToolCallFormat.Should().Be(expected);

    private static string Read(IEnumerable<string> pieces, ToolCallFormat format = ToolCallFormat.Hermes)
    {
        RegionReader reader = new([Region.Think, .. Region.Of(format)]);
        List<AIContent> found = [];
        foreach (string piece in pieces)
            found.AddRange(reader.Append(piece, isMark: false));
        found.AddRange(reader.Flush());
        return Show(found);
    }

    private static string Show(List<AIContent> contents)
    {
        List<string> shown = [];
        foreach (AIContent content in contents)
        {
            string kind = content switch { TextContent => "T:", TextReasoningContent => "R:", _ => "C:" };
            string text = content switch { TextContent part => part.Text, TextReasoningContent part => part.Text, FunctionCallContent call => call.Name, _ => "?" };
            if (kind != "C:" && shown.Count > 0 && shown[^1].StartsWith(kind, StringComparison.Ordinal))
                shown[^1] += text;
            else
                shown.Add(kind + text);
        }
        return string.Join('|', shown);
    }
}
