using System.Text.Json;
using Transformer.Core.Extensions.AI.Jinja;

namespace Transformer.Core.Extensions.AI.Tests.Jinja;

/// <summary>JSON as values of a template, all of it data.</summary>
internal static class JinjaValues
{
    public static Dictionary<string, object?> Variables(JsonElement variables) =>
        variables.EnumerateObject().ToDictionary(property => property.Name, property => JsonValues.Of(property.Value));
}
