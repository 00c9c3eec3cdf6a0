using System.CommandLine;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer perplexity</c>: how well the model predicts a text.</summary>
internal static class PerplexityCommand
{
    private const int UsualContext = 512;

    public static Command Create()
    {
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<string> file = new("--file") { Description = "A text file, UTF-8.", HelpName = "F", Required = true };
        Option<int?> context = new("--context") { Description = $"Tokens of a window, or most tokens of a document. Default: {UsualContext}, or the model's context if that is smaller.", HelpName = "N" };
        Option<bool> documents = new("--documents") { Description = "Score each text between lines <|endoftext|> by itself; otherwise the whole file in windows, the second half of each, as llama.cpp does." };

        Command command = new("perplexity", "Measure how well the model predicts a text.") { model, file, context, documents, threads, kvCache, json };
        command.SetAction(CommandRun.Action((parsed, cancellationToken) =>
        {
            string text = File.ReadAllText(parsed.GetRequiredValue(file));
            TransformerModel loaded = ModelFile.Load(parsed.GetValue(model), parsed.GetValue(threads), parsed.GetValue(kvCache));
            int length = parsed.GetValue(context) ?? Math.Min(UsualContext, loaded.ContextLength);
            PerplexityResult result = ProgressBar.Run("scoring", progress => parsed.GetValue(documents)
                ? Perplexity.OfDocuments(loaded, text, length, progress, cancellationToken)
                : Perplexity.OfText(loaded, text, length, progress, cancellationToken));
            if (parsed.GetValue(json))
                WriteJson(result);
            else
                WriteTable(result);
        }));
        return command;
    }

    private static void WriteJson(PerplexityResult result) => JsonOutput.Write(writer =>
    {
        writer.WriteFinite("perplexity", result.Perplexity);
        writer.WriteNumber("tokens", result.TokenCount);
        writer.WriteFinite("nll", result.NegativeLogLikelihood);
        writer.WriteNumber("context", result.ContextLength);
    });

    private static void WriteTable(PerplexityResult result) => new TextTable(">perplexity", ">scored tokens", ">nll, total", ">nll a token", ">context")
        .Add(
            Readable.Number(result.Perplexity, "F4"),
            $"{result.TokenCount}",
            Readable.Number(result.NegativeLogLikelihood, "F4"),
            Readable.Number(result.NegativeLogLikelihood / result.TokenCount, "F6"),
            $"{result.ContextLength}")
        .Write();
}
