using System.CommandLine;
using System.Text;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Completion;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer complete</c>: continues a text.</summary>
internal static class CompleteCommand
{
    public static Command Create()
    {
        Argument<string?> argument = SharedOptions.ModelArgument();
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<bool> noBos = SharedOptions.NoBos();
        Option<string?> prompt = new("--prompt", "-p") { Description = "The text to continue. Default: what is piped in.", HelpName = "P" };
        Option<int> samples = SharedOptions.Integer("-n", 1, 1, "How many completions of the prompt; it is computed once.");
        samples.Aliases.Add("--samples");
        SamplingArguments sampling = new();

        Command command = new("complete", "Continue a text.") { argument, model, prompt, samples };
        foreach (Option option in (IEnumerable<Option>)[.. sampling.All, noBos, threads, kvCache, json])
            command.Options.Add(option);
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            GenerationOptions options = sampling.Read(parsed) with { AddBos = parsed.GetValue(noBos) ? false : null };
            string path = ModelFile.Locate(SharedOptions.ModelOf(parsed, argument, model));
            string text = PromptText.Read(parsed.GetValue(prompt));
            TransformerModel loaded = ModelFile.Load(path, parsed.GetValue(threads), parsed.GetValue(kvCache));
            bool isJson = parsed.GetValue(json);
            if (parsed.GetValue(samples) > 1)
                WriteSamples(loaded, text, parsed.GetValue(samples), options, isJson, cancellationToken);
            else
                Stream(loaded, text, options, isJson, cancellationToken).GetAwaiter().GetResult();
        }));
        return command;
    }

    private static void WriteSamples(TransformerModel model, string prompt, int count, GenerationOptions options, bool json, CancellationToken cancellationToken)
    {
        IReadOnlyList<GenerationResult> results = new TextGenerator(model).CompleteMany(prompt, count, options, cancellationToken);
        if (json)
        {
            CompletionJson.Write(results, ModelFile.TokenizerOf(model));
            return;
        }
        for (int i = 0; i < results.Count; i++)
        {
            Console.Error.WriteLine($"[{i + 1}]");
            Console.WriteLine(results[i].Text);
        }
    }

    private static async Task Stream(TransformerModel model, string prompt, GenerationOptions options, bool json, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        List<int> tokens = [];
        try
        {
            int[] promptTokens = ModelFile.TokenizerOf(model).Encode(prompt, options.AddBos, options.ParseSpecialTokens);
            using LongPrompt? computed = LongPrompt.Compute(model, promptTokens, options, cancellationToken);
            IAsyncEnumerable<GenerationUpdate> updates = computed is null
                ? model.StreamAsync(prompt, options, cancellationToken)
                : new TextGenerator(model).StreamAsync(promptTokens, options, computed.Session, cancellationToken);
            await foreach (GenerationUpdate update in updates)
            {
                text.Append(update.Text);
                if (update.TokenId is { } token)
                    tokens.Add(token);
                if (!json)
                    Console.Write(update.Text);
                if (update.Result is not { } result)
                    continue;
                if (json)
                    CompletionJson.Write(result, ModelFile.TokenizerOf(model));
                else
                    WriteSummary(computed is null ? result : result with { PrefillTime = computed.Time + result.PrefillTime, CachedPromptTokens = 0 });
            }
        }
        catch (OperationCanceledException)
        {
            // What there is stays; the exit code says that it is not all.
            if (json)
                CompletionJson.WriteInterrupted(text.ToString(), tokens);
            else
                Console.WriteLine();
            throw;
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
