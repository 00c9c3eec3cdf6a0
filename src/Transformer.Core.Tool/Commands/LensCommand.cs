using System.CommandLine;
using Transformer.Core.Experiments;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer lens</c>: what each layer would say next.</summary>
internal static class LensCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<string> prompt = SharedOptions.Prompt();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<int> top = SharedOptions.Integer("--top", 5, 1, "Tokens shown at each place.");
        Option<bool> all = new("--all") { Description = "After every token, not only after the last." };

        Command command = new("lens", "Show what each layer would say next (logit lens).") { model, prompt, top, all, noBos, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads));
            TokenText text = new(loaded, parsed.GetRequiredValue(prompt), !parsed.GetValue(noBos));
            LogitLens lens = LogitLens.Of(loaded, text.Ids, parsed.GetValue(top), cancellationToken: cancellationToken);
            int first = parsed.GetValue(all) ? 0 : text.Ids.Length - 1;
            if (parsed.GetValue(json))
                WriteJson(lens, text, first);
            else
                WriteTable(lens, text, first);
        }));
        return command;
    }

    private static void WriteJson(LogitLens lens, TokenText text, int first) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("tokens", text.Ids);
        writer.WriteTexts("pieces", text.Pieces);
        writer.WriteStartArray("layers");
        foreach (LensRow row in lens.Rows)
        {
            writer.WriteStartObject();
            writer.WriteNumber("layer", row.Layer);
            writer.WriteStartArray("places");
            for (int i = first; i < row.Entries.Count; i++)
            {
                writer.WriteStartObject();
                writer.WriteNumber("after", i);
                if (row.Entries[i].LossOfNext is { } loss)
                    writer.WriteFinite("loss", loss);
                writer.WriteStartArray("top");
                foreach (TokenProbability token in row.Entries[i].Top)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("token", token.Token);
                    writer.WriteString("piece", text.Piece(token.Token));
                    writer.WriteFinite("logit", token.Logit);
                    writer.WriteFinite("probability", token.Probability);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private static void WriteTable(LogitLens lens, TokenText text, int first)
    {
        TextTable table = new(">after", "token", "layer", "says next");
        for (int i = first; i < text.Ids.Length; i++)
            foreach (LensRow row in lens.Rows)
            {
                table.Add(
                    $"{i + 1}",
                    Readable.Token(text.Piece(text.Ids[i])),
                    row.Layer < 0 ? "embedding" : $"{row.Layer}",
                    string.Join("  ", row.Entries[i].Top.Select(token => $"{Readable.Token(text.Piece(token.Token))} {Readable.Number(token.Probability, "P1")}")));
            }
        table.Write();
    }
}
