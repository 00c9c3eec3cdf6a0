namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>What a completion request asks for, checked.</summary>
/// <param name="Prompts">The tokens of each prompt.</param>
/// <param name="Generation">How they are completed.</param>
/// <param name="Count">How many answers to each.</param>
/// <param name="Stream">Whether they are streamed.</param>
/// <param name="IncludeUsage">Whether the stream's usage comes last.</param>
internal sealed record CompletionRequest(List<int[]> Prompts, GenerationOptions Generation, int Count, bool Stream, bool IncludeUsage)
{
    private const int MostAlternatives = 20;
    private const int UsualMaxTokens = 16;

    public static CompletionRequest Read(RequestFields fields, ServedModel model)
    {
        List<int[]> prompts = TokenInput.Read(fields, "prompt", model.Generator.Tokenizer, model.Model) ?? throw RequestException.Missing("prompt");
        GenerationOptions generation = SamplingFields.Read(fields, model, UsualMaxTokens);
        if (fields.Integer("logprobs", 0, MostAlternatives) is { } top)
            generation = generation with { Logprobs = true, TopLogprobs = (int)Math.Min(top, model.Model.VocabSize) };
        int count = SamplingFields.Count(fields);
        fields.Refuse("best_of", "answers are not ranked; use 'n'.", "1");
        fields.Refuse("echo", "the prompt is not repeated.", "false");
        fields.Refuse("suffix", "text is not inserted, only continued.", "\"\"");
        fields.Ignore("user");
        (bool stream, bool usage) = SamplingFields.Streaming(fields);
        fields.RefuseOthers();
        return new CompletionRequest(prompts, generation, count, stream, usage);
    }
}
