using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Transformer.Core.Extensions.Hosting;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Every exception of an endpoint becomes OpenAI's error JSON, or an event of it where an answer has begun.</summary>
internal static partial class GuardedEndpoint
{
    public static RequestDelegate Of(RequestDelegate endpoint) => async context =>
    {
        try
        {
            await endpoint(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; the place is free and nobody reads an answer.
            if (!context.Response.HasStarted)
                context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception)
        {
            await Answer(context, exception).ConfigureAwait(false);
        }
    };

    private static Task Answer(HttpContext context, Exception exception)
    {
        (int status, ErrorBody error) = ErrorMapping.Of(exception);
        if (status == StatusCodes.Status500InternalServerError)
            Failed(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Transformer.Core.OpenAI"), exception, context.Request.Path);
        ErrorResponse body = new(error);
        if (context.Response.HasStarted)
            return new EventStream(context).Send(body, OpenAIJson.Wire.ErrorResponse);
        context.Response.Clear();
        context.Response.StatusCode = status;
        if (exception is GenerationQueueFullException full)
            context.Response.Headers.RetryAfter = full.RetryAfter.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
        return context.Response.WriteAsJsonAsync(body, OpenAIJson.Wire.ErrorResponse, cancellationToken: context.RequestAborted);
    }

    [LoggerMessage(1, LogLevel.Error, "{Path} failed.")]
    private static partial void Failed(ILogger logger, Exception exception, string path);
}
