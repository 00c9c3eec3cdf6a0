using System.CommandLine;
using Transformer.Core.Experiments;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer ablate</c>: what each head or layer is worth on a text.</summary>
internal static class AblateCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<string> prompt = SharedOptions.Prompt();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<bool> layers = new("--layers") { Description = "Silence layers, their attention and their feed-forward; otherwise single heads." };

        Command command = new("ablate", "Silence each head or layer and show how much the loss on a text grows.") { model, prompt, layers, noBos, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads));
            TokenText text = new(loaded, parsed.GetRequiredValue(prompt), !parsed.GetValue(noBos), atLeast: 2);
            Ablation ablation = ProgressBar.Run("ablating", progress => parsed.GetValue(layers)
                ? Ablation.OfLayers(loaded, text.Ids, progress, cancellationToken)
                : Ablation.OfHeads(loaded, text.Ids, progress, cancellationToken));
            if (parsed.GetValue(json))
                WriteJson(ablation);
            else
                WriteTable(ablation);
        }));
        return command;
    }

    private static void WriteJson(Ablation ablation) => JsonOutput.Write(writer =>
    {
        writer.WriteFinite("loss", ablation.Loss);
        writer.WriteStartArray("scores");
        foreach (AblationScore score in ablation.Scores)
        {
            writer.WriteStartObject();
            writer.WriteString("part", Name(score.Part));
            writer.WriteNumber("layer", score.Layer);
            if (score.Head is { } head)
                writer.WriteNumber("head", head);
            writer.WriteFinite("loss_increase", score.LossIncrease);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteTable(Ablation ablation)
    {
        TextTable table = new("silenced", ">layer", ">head", ">loss", ">increase");
        table.Add("nothing", "", "", Readable.Number(ablation.Loss, "F4"), "");
        foreach (AblationScore score in ablation.Scores.OrderByDescending(score => score.LossIncrease))
            table.Add(Name(score.Part), $"{score.Layer}", $"{score.Head}", Readable.Number(ablation.Loss + score.LossIncrease, "F4"), Readable.Number(score.LossIncrease, "+0.0000;-0.0000"));
        table.Write();
    }

    private static string Name(AblatedPart part) => part switch
    {
        AblatedPart.Head => "head",
        AblatedPart.Attention => "attention",
        AblatedPart.FeedForward => "feed_forward",
        _ => "layer",
    };
}
