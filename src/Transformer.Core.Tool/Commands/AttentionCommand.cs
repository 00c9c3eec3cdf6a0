using System.CommandLine;
using Transformer.Core.Experiments;
using Transformer.Core.Numerics;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer attention</c>: who looks at whom.</summary>
internal static class AttentionCommand
{
    private const int ShownKeys = 4;

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<string> prompt = SharedOptions.Prompt();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<int?> layer = new("--layer") { Description = "One layer, from 0. Default: all.", HelpName = "N" };
        Option<int?> head = new("--head") { Description = "One head, from 0. Default: all.", HelpName = "N" };

        Command command = new("attention", "Show which tokens each head looks at.") { model, prompt, layer, head, noBos, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads));
            TokenText text = new(loaded, parsed.GetRequiredValue(prompt), !parsed.GetValue(noBos));
            AttentionMaps maps = AttentionMaps.Of(loaded, text.Ids, cancellationToken: cancellationToken);
            List<(int Layer, int Head)> chosen = Choose(maps, parsed.GetValue(layer), parsed.GetValue(head));
            if (parsed.GetValue(json))
                WriteJson(maps, text, chosen);
            else
                WriteTable(maps, text, chosen);
        }));
        return command;
    }

    private static List<(int Layer, int Head)> Choose(AttentionMaps maps, int? layer, int? head)
    {
        if (layer < 0 || layer >= maps.Layers)
            throw new ArgumentException($"--layer: expected 0 to {maps.Layers - 1}, found {layer}.");
        List<(int Layer, int Head)> chosen = [];
        for (int i = layer ?? 0; i < (layer + 1 ?? maps.Layers); i++)
            for (int k = 0; k < maps.Heads(i); k++)
                if (head is null || head == k)
                    chosen.Add((i, k));
        return chosen.Count > 0 ? chosen : throw new ArgumentException($"There is no head {head} in {(layer is null ? "any layer" : $"layer {layer}")} that shows a pattern.");
    }

    private static void WriteJson(AttentionMaps maps, TokenText text, List<(int Layer, int Head)> chosen) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("tokens", text.Ids);
        writer.WriteTexts("pieces", text.Pieces);
        writer.WriteStartArray("heads");
        foreach ((int layer, int head) in chosen)
        {
            MatrixSpan pattern = maps.Pattern(layer, head);
            writer.WriteStartObject();
            writer.WriteNumber("layer", layer);
            writer.WriteNumber("head", head);
            writer.WriteStartArray("pattern");
            for (int row = 0; row < pattern.Rows; row++)
            {
                writer.WriteStartArray();
                for (int key = 0; key <= row; key++)
                    writer.WriteFiniteValue(pattern[row][key]);
                writer.WriteEndArray();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteTable(AttentionMaps maps, TokenText text, List<(int Layer, int Head)> chosen)
    {
        TextTable table = new(">layer", ">head", ">query", "token", "looks at");
        foreach ((int layer, int head) in chosen)
        {
            MatrixSpan pattern = maps.Pattern(layer, head);
            for (int row = 0; row < pattern.Rows; row++)
            {
                float[] weights = pattern[row].ToArray();
                IEnumerable<string> keys = Enumerable.Range(0, row + 1).OrderByDescending(key => weights[key]).Take(ShownKeys)
                    .Select(key => $"{Readable.Token(text.Piece(text.Ids[key]))} {Readable.Number(weights[key], "P0")}");
                table.Add($"{layer}", $"{head}", $"{row + 1}", Readable.Token(text.Piece(text.Ids[row])), string.Join("  ", keys));
            }
        }
        table.Write();
    }
}
