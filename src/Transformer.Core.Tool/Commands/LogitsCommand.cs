using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer logits</c>: what the model gives for token ids, in full precision.</summary>
internal static class LogitsCommand
{
    private const int ShownTokens = 10;

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<int[]> tokens = new("--tokens") { Description = "Token ids, separated by commas.", HelpName = "1,2,3", Required = true, CustomParser = ParseTokens };
        Option<bool> all = new("--all") { Description = "The logits after every token, not only after the last." };

        Command command = new("logits", "Show the logits after token ids.") { model, tokens, all, threads, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads));
            int[] ids = parsed.GetRequiredValue(tokens);
            float[][] rows = Compute(loaded, ids, parsed.GetValue(all), cancellationToken);
            if (parsed.GetValue(json))
                WriteJson(rows);
            else
                WriteTables(loaded, ids, rows);
        }));
        return command;
    }

    private static int[] ParseTokens(ArgumentResult result)
    {
        List<int> ids = [];
        foreach (string part in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int id))
            {
                ids.Add(id);
            }
            else
            {
                result.AddError($"--tokens: expected integers separated by commas, found '{part}'.");
                return [];
            }
        }
        return [.. ids];
    }

    private static float[][] Compute(TransformerModel model, int[] ids, bool all, CancellationToken cancellationToken)
    {
        using DecoderSession session = model.CreateSession();
        if (!all)
            return [session.Forward(ids, cancellationToken).ToArray()];

        // The session checks length and ids as well, but only after memory for all the logits has been asked for.
        if (ids.Length > model.ContextLength)
            throw new ContextLengthExceededException(model.ContextLength, ids.Length);
        float[] values = new float[ids.Length * model.VocabSize];
        session.ForwardAll(ids, new MatrixSpan(values, ids.Length, model.VocabSize), cancellationToken);
        return [.. values.Chunk(model.VocabSize)];
    }

    private static void WriteJson(float[][] rows) => JsonOutput.Write(writer =>
    {
        writer.WriteStartArray("logits");
        foreach (float[] row in rows)
        {
            writer.WriteStartArray();
            foreach (float logit in row)
                writer.WriteFiniteValue(logit);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    });

    private static void WriteTables(TransformerModel model, int[] ids, float[][] rows)
    {
        TextTable table = new(">after", ">token", "piece", ">logit", ">probability");
        for (int i = 0; i < rows.Length; i++)
        {
            double total = LogSumExp.Compute(rows[i]);
            foreach ((float logit, int id) in rows[i].Select((logit, id) => (logit, id)).OrderByDescending(entry => entry.logit).Take(ShownTokens))
            {
                table.Add(
                    $"{ids.Length - rows.Length + i + 1}",
                    $"{id}",
                    model.Tokenizer is { } tokenizer && id < tokenizer.VocabSize ? Readable.Token(tokenizer.TokenText(id)) : "",
                    Readable.Number(logit, "F4"),
                    Readable.Number(Math.Exp(logit - total), "P2"));
            }
        }
        table.Write();
    }
}
