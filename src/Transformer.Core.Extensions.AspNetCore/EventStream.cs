using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Server-sent events as OpenAI sends them: a JSON object each, then <c>[DONE]</c>.</summary>
/// <param name="context">The request; its end ends the sending.</param>
internal sealed class EventStream(HttpContext context)
{
    private static readonly byte[] LastEvent = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Sends one at once.</summary>
    public Task Send<T>(T value, JsonTypeInfo<T> type) => Write([.. "data: "u8, .. JsonSerializer.SerializeToUtf8Bytes(value, type), .. "\n\n"u8]);

    /// <summary>Says that there are no more.</summary>
    public Task Done() => Write(LastEvent);

    private async Task Write(byte[] bytes)
    {
        HttpResponse response = context.Response;
        if (!response.HasStarted)
        {
            response.ContentType = "text/event-stream; charset=utf-8";
            response.Headers.CacheControl = "no-cache";
            // a proxy that buffers would hold the stream back
            response.Headers["X-Accel-Buffering"] = "no";
        }
        await response.Body.WriteAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        await response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
