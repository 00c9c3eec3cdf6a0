using System.Globalization;
using System.Reflection;
using Transformer.Core.Parity.LlamaCpp;
using Transformer.Core.Parity.Support;

namespace Transformer.Core.Parity.Families;

/// <summary>
/// The table of docs/models.md is what these tests find. With TRANSFORMER_APPROVE_MODELS=1 it is written, otherwise
/// compared: all but the figures, which differ in their last digits from processor to processor.
/// </summary>
public sealed class ModelsPageTests
{
    private const string Start = "<!-- written by ModelsPageTests -->";
    private const string End = "<!-- end -->";
    private const string Head = "| Family | Layout and components | What is special | GGUF | `model_type` | Against llama.cpp | Safetensors against GGUF |\n|---|---|---|---|---|---|---|\n";

    private static string Page { get; } = Path.Combine(
        typeof(ModelsPageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!, "docs", "models.md");

    [LlamaFact]
    public void The_table_holds_what_was_found()
    {
        string[] found = [.. FamilyTable.All.Select(Row)];
        string page = File.ReadAllText(Page);
        int start = page.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        int end = page.IndexOf(End, StringComparison.Ordinal);
        end.Should().BeGreaterThan(start, "both marks stand in {0}", Page);
        if (Environment.GetEnvironmentVariable("TRANSFORMER_APPROVE_MODELS") == "1")
        {
            File.WriteAllText(Page, $"{page[..start]}\n{Head}{string.Concat(found.Select(row => row + "\n"))}{page[end..]}");
            return;
        }

        string[] rows = page[start..end].Split('\n', StringSplitOptions.RemoveEmptyEntries)[2..];
        rows.Select(Facts).Should().Equal(found.Select(Facts), "TRANSFORMER_APPROVE_MODELS=1 writes the table anew");
        rows.SelectMany(Figures).Should().NotBeEmpty().And.OnlyContain(figure => figure < 1e-3);
    }

    private static string Row(Family family)
    {
        using TemporaryFolder folder = new();
        int[] prompt = FamilyRun.PromptOf(family);
        TransformerModel gguf = FamilyRun.Open(family.WriteGguf(folder), family);
        double other = Logits.Difference(FamilyRun.Open(family.WriteFolder(folder), family).Prefill(prompt), gguf.Prefill(prompt));
        string components = string.Join(", ", gguf.Description.Components.Select(component => component.Name).Distinct());
        return $"| {family.Name} | {gguf.Layers[0].Layout.Name}: {components} | {family.About} | `{family.Architecture}` | `{family.ModelType ?? family.Architecture}` | {Theirs(family)} | {Figure(other)} |";
    }

    private static string Theirs(Family family)
    {
        if (!family.InLlamaCpp)
            return "not comparable";
        FamilyRun run = FamilyRun.Of(family.Name);
        return family.Gelu ? $"{Figure(run.Difference)} ({Figure(run.PlainDifference)})" : Figure(run.Difference);
    }

    private static string Figure(double value) => value == 0 ? "equal" : value.ToString("0.0e-0", CultureInfo.InvariantCulture);

    private static string Facts(string row) => string.Join('|', row.Split('|')[..6]);

    private static IEnumerable<double> Figures(string row) => row.Split('|')[6..8].SelectMany(cell => cell.Split(' ', '(', ')'))
        .Where(word => word.Contains("e-", StringComparison.Ordinal)).Select(word => double.Parse(word, CultureInfo.InvariantCulture));
}
