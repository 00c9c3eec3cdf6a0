using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Reads the JSON of a request and finds the model it names.</summary>
internal static class RequestBody
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    public static async Task<(RequestFields Fields, ServedModel Model)> Read(HttpContext context)
    {
        // Any page of the web may post a form or plain text here; for JSON its browser asks first.
        if (!context.Request.HasJsonContentType())
            throw new RequestException(415, "Unsupported media type: expected Content-Type: application/json.", null, "unsupported_media_type");
        ServedModel[] models = [.. context.RequestServices.GetServices<ServedModel>()];
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = models.Max(model => model.Options.MaxRequestBytes);
        // not disposed: parts of it live as long as the request
        JsonDocument document = await JsonDocument.ParseAsync(context.Request.Body, Strict, context.RequestAborted).ConfigureAwait(false);
        CheckText(document.RootElement);
        RequestFields fields = new(document.RootElement, "");
        string id = fields.Text("model") ?? throw RequestException.Missing("model");
        return (fields, Find(models, id));
    }

    public static ServedModel Find(IEnumerable<ServedModel> models, string id) =>
        models.FirstOrDefault(model => model.Id == id) ?? throw RequestException.NoModel(id);

    // Half a surrogate pair or broken UTF-8 is found only when a text is read.
    private static void CheckText(JsonElement element)
    {
        try
        {
            if (element.ValueKind == JsonValueKind.String)
                _ = element.GetString();
            else if (element.ValueKind == JsonValueKind.Array)
                foreach (JsonElement item in element.EnumerateArray())
                    CheckText(item);
            else if (element.ValueKind == JsonValueKind.Object)
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    CheckText(property.Value);
                }
        }
        catch (InvalidOperationException broken)
        {
            throw new RequestException(400, "The body is not valid JSON: a text in it is no Unicode.", null, "invalid_json", broken);
        }
    }
}
