using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Path(string file) => Repository.Path("tests", "Transformer.Core.Extensions.AI.Tests", "Data", file);

    private sealed class TemplateTheoryAttribute : TheoryAttribute
    {
        public TemplateTheoryAttribute() => Skip = Directory.Exists(Environment.GetEnvironmentVariable(Variable)) ? null
            : $"{Variable} names no folder with real chat templates; see tests/reference/README.md";
    }
}
