using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary><c>POST /v1/chat/completions</c>, over the model's <see cref="IChatClient"/>.</summary>
internal static class ChatCompletions
{
    public static async Task Answer(HttpContext context)
    {
        (RequestFields fields, ServedModel model) = await RequestBody.Read(context).ConfigureAwait(false);
        ChatRequest request = ChatRequest.Read(fields, model);
        using IDisposable place = await model.Gate.EnterAsync(context.RequestAborted).ConfigureAwait(false);
        ChatChunk head = new($"chatcmpl-{Guid.NewGuid():N}", model.Now, model.Id, []);
        EventStream? events = request.Stream ? new EventStream(context) : null;

        List<ChatChoice> choices = [];
        UsageBody usage = new(0, 0, new PromptTokensDetails(0));
        for (int i = 0; i < request.Count; i++)
        {
            ChatAnswer answer = new(i, model.Generator.Tokenizer);
            await foreach (ChatResponseUpdate update in Start(model.Chat, request, i, context.RequestAborted).ConfigureAwait(false))
            {
                foreach (ChunkChoice piece in answer.Append(update))
                    if (events is not null)
                        await events.Send(head with { Choices = [piece] }, OpenAIJson.Wire.ChatChunk).ConfigureAwait(false);
            }
            choices.Add(answer.Whole);
            // the prompt is the same for all of them
            usage = new UsageBody(answer.Usage.InputTokenCount ?? 0, usage.CompletionTokens + (answer.Usage.OutputTokenCount ?? 0), i == 0 ? new PromptTokensDetails(answer.Usage.CachedInputTokenCount ?? 0) : usage.PromptTokensDetails);
        }

        if (events is null)
        {
            await context.Response.WriteAsJsonAsync(new ChatResponseBody(head.Id, head.Created, head.Model, choices, usage), OpenAIJson.Wire.ChatResponseBody, cancellationToken: context.RequestAborted).ConfigureAwait(false);
            return;
        }
        if (request.IncludeUsage)
            await events.Send(head with { Usage = usage }, OpenAIJson.Wire.ChatChunk).ConfigureAwait(false);
        await events.Done().ConfigureAwait(false);
    }

    // what is wrong throws here, before the answer begins
    private static IAsyncEnumerable<ChatResponseUpdate> Start(IChatClient client, ChatRequest request, int index, CancellationToken cancellationToken)
    {
        try
        {
            return client.GetStreamingResponseAsync(request.Messages, request.Of(index), cancellationToken);
        }
        catch (ContextLengthExceededException tooLong)
        {
            throw new RequestException(400, $"{tooLong.Message} Please shorten the messages.", "messages", "context_length_exceeded", tooLong);
        }
    }
}
