using Microsoft.AspNetCore.Http;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary><c>POST /v1/completions</c>: text continued, as models do that were never trained to chat.</summary>
internal static class Completions
{
    public static async Task Answer(HttpContext context)
    {
        (RequestFields fields, ServedModel model) = await RequestBody.Read(context).ConfigureAwait(false);
        CompletionRequest request = CompletionRequest.Read(fields, model);
        using IDisposable place = await model.Gate.EnterAsync(context.RequestAborted).ConfigureAwait(false);
        CompletionResponse head = new($"cmpl-{Guid.NewGuid():N}", model.Now, model.Id, []);
        EventStream? events = request.Stream ? new EventStream(context) : null;

        List<CompletionChoice> choices = [];
        (long generated, long cached) = (0, 0);
        foreach (int[] prompt in request.Prompts)
        {
            // answers to one prompt share its computed beginning
            using DecoderSession? session = request.Count == 1 ? null : model.Model.CreateSession((int)Math.Min(model.Model.ContextLength, (long)prompt.Length + request.Generation.MaxTokens));
            for (int i = 0; i < request.Count; i++)
            {
                CompletionAnswer answer = new(choices.Count, model.Generator.Tokenizer, request.Generation.Logprobs);
                await foreach (GenerationUpdate update in model.Generator.StreamAsync(prompt, request.Generation.Of(i), session, context.RequestAborted).ConfigureAwait(false))
                {
                    CompletionChoice piece = answer.Append(update);
                    if (events is not null && (piece.Text.Length > 0 || piece.Logprobs is not null || piece.FinishReason is not null))
                        await events.Send(head with { Choices = [piece] }, OpenAIJson.Wire.CompletionResponse).ConfigureAwait(false);
                    generated += update.Result?.TokenIds.Count ?? 0;
                    cached += update.Result?.CachedPromptTokens ?? 0;
                }
                choices.Add(answer.Whole);
            }
        }

        UsageBody usage = new(request.Prompts.Sum(prompt => (long)prompt.Length), generated, new PromptTokensDetails(request.Count == 1 ? cached : 0));
        if (events is null)
        {
            await context.Response.WriteAsJsonAsync(head with { Choices = choices, Usage = usage }, OpenAIJson.Wire.CompletionResponse, cancellationToken: context.RequestAborted).ConfigureAwait(false);
            return;
        }
        if (request.IncludeUsage)
            await events.Send(head with { Usage = usage }, OpenAIJson.Wire.CompletionResponse).ConfigureAwait(false);
        await events.Done().ConfigureAwait(false);
    }
}
