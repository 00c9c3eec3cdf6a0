using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Transformer.Core.Extensions.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps OpenAI's endpoints.</summary>
public static class OpenAIEndpointExtensions
{
    private static readonly Dictionary<string, string> Methods = new(StringComparer.OrdinalIgnoreCase)
    {
        ["/v1/completions"] = "POST",
        ["/v1/chat/completions"] = "POST",
        ["/v1/embeddings"] = "POST",
        ["/v1/models"] = "GET",
    };

    /// <summary>
    /// Maps <c>POST /v1/completions</c>, <c>/v1/chat/completions</c> and <c>/v1/embeddings</c>, <c>GET /v1/models</c> and <c>/v1/models/{id}</c>
    /// for all models of <c>AddOpenAI</c>; everything else below <c>/v1</c> is answered by OpenAI's error JSON.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    public static IEndpointConventionBuilder MapOpenAI(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        RouteGroupBuilder group = endpoints.MapGroup("/v1");
        group.MapPost("/completions", GuardedEndpoint.Of(Completions.Answer));
        group.MapPost("/chat/completions", GuardedEndpoint.Of(ChatCompletions.Answer));
        group.MapPost("/embeddings", GuardedEndpoint.Of(Embeddings.Answer));
        group.MapGet("/models", GuardedEndpoint.Of(Models.List));
        group.MapGet("/models/{*id}", GuardedEndpoint.Of(Models.Get));
        group.Map("/{**rest}", GuardedEndpoint.Of(Unknown));
        return group;
    }

    private static Task Unknown(HttpContext context)
    {
        (string path, string method) = (context.Request.Path, context.Request.Method);
        if (!Methods.TryGetValue(path.TrimEnd('/'), out string? allowed))
            throw new RequestException(404, $"Unknown request URL: {method} {path}.", null, "unknown_url");
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.Allow = allowed;
            return Task.CompletedTask;
        });
        throw new RequestException(405, $"Not allowed to {method} on {path}: expected {allowed}.", null, "method_not_supported");
    }
}
