using System.CommandLine;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer complete</c>: continues a text.</summary>
internal static class CompleteCommand
{
    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<string> prompt = new("--prompt") { Description = "The text to continue.", HelpName = "P", Required = true };
        Option<int> maxTokens = SharedOptions.Integer("--max-tokens", 256, 0, "Most tokens to generate.");
        Option<double> temperature = SharedOptions.Number("--temperature", 0, x => x >= 0 && double.IsFinite(x), "a number of at least 0", "0: always the most probable token; above: at random, the flatter the higher.");
        Option<int> topK = SharedOptions.Integer("--top-k", 0, 0, "Keep the k most probable tokens; 0: all.");
        Option<double> topP = SharedOptions.Number("--top-p", 1, x => x is > 0 and <= 1, "a number above 0 and at most 1", "Keep the fewest tokens that together have this probability.");
        Option<double> minP = SharedOptions.Number("--min-p", 0, x => x is >= 0 and <= 1, "a number from 0 to 1", "Keep tokens at least this many times as probable as the best.");
        Option<double> penalty = SharedOptions.Number("--repetition-penalty", 1, x => x > 0 && double.IsFinite(x), "a number above 0", "Make recent tokens less likely; 1: no change.");
        Option<int?> seed = new("--seed") { Description = "Makes random choices repeatable.", HelpName = "N" };
        Option<string[]> stop = new("--stop") { Description = "A text that ends the completion; may be given several times.", HelpName = "S" };
        Option<bool> ignoreEos = new("--ignore-eos") { Description = "Go on after an end token." };

        Command command = new("complete", "Continue a text.")
        {
            model, prompt, maxTokens, temperature, topK, topP, minP, penalty, seed, stop, ignoreEos, noBos, threads, kvCache, json,
        };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            GenerationOptions options = new()
            {
                MaxTokens = parsed.GetValue(maxTokens),
                Temperature = parsed.GetValue(temperature),
                TopK = parsed.GetValue(topK),
                TopP = parsed.GetValue(topP),
                MinP = parsed.GetValue(minP),
                RepetitionPenalty = parsed.GetValue(penalty),
                Seed = parsed.GetValue(seed),
                StopStrings = parsed.GetValue(stop) ?? [],
                IgnoreEndTokens = parsed.GetValue(ignoreEos),
                AddBos = parsed.GetValue(noBos) ? false : null,
            };
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads), parsed.GetValue(kvCache));
            if (parsed.GetValue(json))
                WriteJson(loaded.Complete(parsed.GetRequiredValue(prompt), options, cancellationToken));
            else
                StreamText(loaded, parsed.GetRequiredValue(prompt), options, cancellationToken).GetAwaiter().GetResult();
        }));
        return command;
    }

    private static void WriteJson(GenerationResult result) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("prompt_tokens", result.PromptTokenIds);
        writer.WriteNumbers("tokens", result.TokenIds);
        writer.WriteString("text", result.Text);
        writer.WriteString("finish_reason", result.FinishReason is FinishReason.EndToken or FinishReason.StopString ? "stop" : "length");
    });

    private static async Task StreamText(TransformerModel model, string prompt, GenerationOptions options, CancellationToken cancellationToken)
    {
        await foreach (GenerationUpdate update in model.StreamAsync(prompt, options, cancellationToken))
        {
            Console.Write(update.Text);
            if (update.Result is { } result)
                WriteSummary(result);
        }
    }

    private static void WriteSummary(GenerationResult result)
    {
        Console.WriteLine();
        string reason = result.FinishReason switch
        {
            FinishReason.EndToken => "the model ended the text",
            FinishReason.StopString => $"stop string '{result.StopString}'",
            FinishReason.ContextFull => "the context is full",
            _ => "--max-tokens",
        };
        Console.Error.WriteLine(
            $"[prompt {result.PromptTokenIds.Count} tokens, {Readable.Number(result.PrefillTokensPerSecond)} tokens/s; "
            + $"text {result.TokenIds.Count} tokens, {Readable.Number(result.DecodeTokensPerSecond)} tokens/s; ended by: {reason}]");
    }
}
