using System.Text.Json.Serialization;

namespace Transformer.Core.Extensions.AspNetCore;

internal sealed record ErrorResponse(ErrorBody Error);

internal sealed record ErrorBody(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
