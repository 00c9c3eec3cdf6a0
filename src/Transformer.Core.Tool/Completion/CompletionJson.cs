using System.Text.Json;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Completion;

/// <summary>Completions as JSON.</summary>
internal static class CompletionJson
{
    /// <summary>One completion: the object itself.</summary>
    public static void Write(GenerationResult result, ITokenizer tokenizer) => JsonOutput.Write(writer => WriteResult(writer, result, tokenizer, withPrompt: true));

    /// <summary>Several completions of one prompt: <c>prompt_tokens</c> and an array <c>samples</c>.</summary>
    public static void Write(IReadOnlyList<GenerationResult> results, ITokenizer tokenizer) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("prompt_tokens", results[0].PromptTokenIds);
        writer.WriteStartArray("samples");
        foreach (GenerationResult result in results)
        {
            writer.WriteStartObject();
            WriteResult(writer, result, tokenizer, withPrompt: false);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    /// <summary>What there was when Ctrl-C came.</summary>
    public static void WriteInterrupted(string text, IReadOnlyList<int> tokens) => JsonOutput.Write(writer =>
    {
        writer.WriteNumbers("tokens", tokens);
        writer.WriteString("text", text);
        writer.WriteString("finish_reason", "interrupted");
    });

    private static void WriteResult(Utf8JsonWriter writer, GenerationResult result, ITokenizer tokenizer, bool withPrompt)
    {
        if (withPrompt)
            writer.WriteNumbers("prompt_tokens", result.PromptTokenIds);
        writer.WriteNumbers("tokens", result.TokenIds);
        writer.WriteString("text", result.Text);
        writer.WriteString("finish_reason", result.FinishReason is FinishReason.EndToken or FinishReason.StopString ? "stop" : "length");
        if (result.Logprobs.Count == 0)
            return;
        writer.WriteStartArray("logprobs");
        foreach (TokenLogprobs token in result.Logprobs)
        {
            writer.WriteStartObject();
            WriteToken(writer, token.TokenId, token.Logprob, tokenizer);
            writer.WriteStartArray("top");
            foreach (TokenLogprob other in token.TopLogprobs)
            {
                writer.WriteStartObject();
                WriteToken(writer, other.TokenId, other.Logprob, tokenizer);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteToken(Utf8JsonWriter writer, int token, double logprob, ITokenizer tokenizer)
    {
        writer.WriteNumber("token", token);
        writer.WriteString("piece", token < tokenizer.VocabSize ? tokenizer.TokenText(token) : "");
        writer.WriteFinite("logprob", logprob);
    }
}
