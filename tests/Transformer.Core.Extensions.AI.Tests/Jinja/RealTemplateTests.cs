using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Transformer.Core.Extensions.AI.Jinja;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Jinja;

/// <summary>
/// Real chat templates, which belong to their owners and are not in this repository: the folder with them (*.jinja) is
/// named by the variable TRANSFORMER_CHAT_TEMPLATES. Hashes of the reference outputs are here.
/// </summary>
public class RealTemplateTests
{
    private const string Variable = "TRANSFORMER_CHAT_TEMPLATES";

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (JsonElement line in Lines)
                cases.Add(line.GetProperty("file").GetString()!, line.GetProperty("scenario").GetString()!);
            return cases;
        }
    }

    private static List<JsonElement> Lines { get; } = [.. File.ReadLines(Path("templates.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private static JsonElement Scenarios { get; } = JsonDocument.Parse(File.ReadAllText(Path("scenarios.json"))).RootElement;

    [TemplateTheory]
    [MemberData(nameof(Cases))]
    public void Renders_byte_for_byte(string file, string scenario)
    {
        JsonElement line = Lines.Single(candidate => candidate.GetProperty("file").GetString() == file && candidate.GetProperty("scenario").GetString() == scenario);
        string path = System.IO.Path.Combine(Environment.GetEnvironmentVariable(Variable)!, file);
        if (!File.Exists(path))
            return;
        string template = File.ReadAllText(path);
        Hash(template).Should().Be(line.GetProperty("template").GetString(), "the references were made from this version of the template");

        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        Func<string> render = () => JinjaTemplate.Parse(template).Render(JinjaValues.Variables(Scenarios.GetProperty(scenario)), time).Text;
        // Where the two references differ, Python's Jinja is right: models are trained with it. One exception: 'safe',
        // which one template uses, escapes HTML in all that is added later, and no other engine does so.
        bool usesSafe = file.StartsWith("meetkai-functionary-medium-v3.1", StringComparison.Ordinal) && (scenario is "tools" or "call");
        string? expected = line.GetProperty(usesSafe ? "javascript" : "python").GetString();
        string? lenient = line.GetProperty("javascript").GetString();
        string? actual = null;
        try
        {
            actual = render();
        }
        catch (ChatTemplateException) when (expected is null)
        {
        }
        if (actual is not null && Environment.GetEnvironmentVariable("TRANSFORMER_CHAT_OUT") is { Length: > 0 } folder)
            File.WriteAllText(System.IO.Path.Combine(folder, $"{file}.{scenario}"), actual);
        // a list stays one where Python has a generator, which cannot be written
        if (expected is not null || actual is not null)
            Hash(actual!).Should().Be(expected ?? lenient);
    }

    [TemplateTheory]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct", ToolCallFormat.Llama, true)]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct", ToolCallFormat.Llama, true)]
    [InlineData("qwen2_5", ToolCallFormat.Hermes, true)]
    [InlineData("qwen3", ToolCallFormat.Hermes, true)]
    [InlineData("Qwen-QwQ-32B", ToolCallFormat.Hermes, true)]
    [InlineData("NousResearch-Hermes-3-Llama-3.1-8B-tool_use", ToolCallFormat.Hermes, true)]
    [InlineData("mistral_nemo", ToolCallFormat.Mistral, true)]
    [InlineData("Mistral-Small-3.2-24B-Instruct-2506", ToolCallFormat.Mistral, true)]
    [InlineData("deepseek_v3", ToolCallFormat.DeepSeek, false)]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", ToolCallFormat.DeepSeek, false)]
    [InlineData("deepseek-ai-DeepSeek-V3.1", ToolCallFormat.DeepSeek, false)]
    [InlineData("openai-gpt-oss-120b", ToolCallFormat.Harmony, true)]
    public void Calls_of_earlier_turns_reach_real_templates(string file, ToolCallFormat format, bool showsTools)
    {
        string path = System.IO.Path.Combine(Environment.GetEnvironmentVariable(Variable)!, file + ".jinja");
        if (!File.Exists(path))
            return;
        ChatTemplate template = ChatTemplate.Parse(File.ReadAllText(path), new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" });
        AIFunction tool = AIFunctionFactory.Create((string city, int days) => "", "get_weather", "Weather");

        string text = string.Concat(template.Render(
            [
                new ChatMessage(ChatRole.User, "Weather?"),
                new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("call_1234567", "get_weather", new Dictionary<string, object?> { ["city"] = "Bonn", ["days"] = 2 })]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("call_1234567", "twenty degrees")]),
            ],
            showsTools && template.HasTools ? [tool] : []).Select(part => part.Text));

        template.ToolCallFormat.Should().Be(format);
        text.Should().MatchRegex("\"city\": ?\"Bonn\", ?\"days\": ?2").And.Contain("twenty degrees").And.Contain("get_weather");
        if (showsTools)
            template.HasTools.Should().BeTrue();
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Path(string file) => Repository.Path("tests", "Transformer.Core.Extensions.AI.Tests", "Data", file);

    private sealed class TemplateTheoryAttribute : TheoryAttribute
    {
        public TemplateTheoryAttribute() => Skip = Directory.Exists(Environment.GetEnvironmentVariable(Variable)) ? null
            : $"{Variable} names no folder with real chat templates; see tests/reference/README.md";
    }
}
