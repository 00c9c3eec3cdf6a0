using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary><c>GET /v1/models</c> and <c>/v1/models/{id}</c>.</summary>
internal static class Models
{
    public static Task List(HttpContext context) =>
        context.Response.WriteAsJsonAsync(new ModelList([.. Served(context).Select(Entry)]), OpenAIJson.Wire.ModelList, cancellationToken: context.RequestAborted);

    public static Task Get(HttpContext context) =>
        context.Response.WriteAsJsonAsync(Entry(RequestBody.Find(Served(context), (string)context.GetRouteValue("id")!)), OpenAIJson.Wire.ModelEntry, cancellationToken: context.RequestAborted);

    private static IEnumerable<ServedModel> Served(HttpContext context) => context.RequestServices.GetServices<ServedModel>();

    private static ModelEntry Entry(ServedModel model) => new(model.Id, model.Created);
}
