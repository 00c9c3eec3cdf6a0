using System.CommandLine;
using System.Globalization;
using Transformer.Core.Experiments;
using Transformer.Core.Positions;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer compare</c>: what a change of a model does on a text.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<string> prompt = SharedOptions.Prompt();
        Option<string?> other = new("--other") { Description = "Another file of the same vocabulary, such as a quantized one. Default: the model itself, changed.", HelpName = "FILE" };
        Option<string?> layers = new("--layers") { Description = "The changed model's layers: 0,1,1,2 repeats one, 0,2 leaves one out.", HelpName = "0,1,2" };
        Option<string?> positions = new("--positions") { Description = "The changed model's positions.", HelpName = "alibi|none|sinusoidal" };
        positions.AcceptOnlyFromAmong("alibi", "none", "sinusoidal");

        Command command = new("compare", "Compare a model with a changed one on a text: loss and Kullback-Leibler divergence.") { model, prompt, other, layers, positions, noBos, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            string? path = parsed.GetValue(model);
            TransformerModel original = ModelFile.Load(path, parsed.GetValue(threads));
            TransformerModel changed = Change(parsed.GetValue(other) ?? path, parsed.GetValue(threads), parsed.GetValue(layers), parsed.GetValue(positions));
            TokenText text = new(original, parsed.GetRequiredValue(prompt), !parsed.GetValue(noBos), atLeast: 2);
            ModelComparison comparison = ModelComparison.Of(original, changed, text.Ids, cancellationToken);
            if (parsed.GetValue(json))
                WriteJson(comparison, changed);
            else
                WriteTable(comparison, changed);
        }));
        return command;
    }

    private static TransformerModel Change(string? path, int? threads, string? layers, string? positions)
    {
        TransformerBuilder builder = ModelLoader.Open(ModelFile.Locate(path));
        if (threads is { } count)
            builder.WithThreads(count);
        if (layers is not null)
            builder.WithLayerOrder([.. layers.Split(',', StringSplitOptions.TrimEntries).Select(Number)]);
        return (positions switch
        {
            "alibi" => builder.WithPositions(c => new AlibiPositions(c.Heads)),
            "sinusoidal" => builder.WithPositions(c => new SinusoidalPositions(c.HiddenSize)),
            "none" => builder.WithPositions(_ => new NoPositions()),
            _ => builder,
        }).Build();

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new ArgumentException($"--layers: expected integers separated by commas, found '{text}'.");
    }

    private static void WriteJson(ModelComparison comparison, TransformerModel changed) => JsonOutput.Write(writer =>
    {
        writer.WriteFinite("loss", comparison.OriginalLoss);
        writer.WriteFinite("changed_loss", comparison.ChangedLoss);
        writer.WriteFinite("divergence", comparison.Divergence);
        writer.WriteFinite("same_top", comparison.SameTop);
        writer.WriteNumber("places", comparison.Places);
        writer.WriteTexts("changes", changed.Description.Changes);
    });

    private static void WriteTable(ModelComparison comparison, TransformerModel changed)
    {
        new TextTable(">loss", ">changed", ">KL divergence", ">same top token", ">places")
            .Add(
                Readable.Number(comparison.OriginalLoss, "F4"),
                Readable.Number(comparison.ChangedLoss, "F4"),
                Readable.Number(comparison.Divergence, "F4"),
                Readable.Number(comparison.SameTop, "P1"),
                $"{comparison.Places}")
            .Write();
        foreach (string change in changed.Description.Changes)
            Console.WriteLine(change);
    }
}
