namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>A request that cannot be answered, as OpenAI says it.</summary>
internal sealed class RequestException(int status, string message, string? param, string? code, Exception? inner = null) : Exception(message, inner)
{
    public int Status { get; } = status;

    public string? Param { get; } = param;

    public string? Code { get; } = code;

    public static RequestException Invalid(string? param, string message, string code = "invalid_value") => new(400, message, param, code);

    public static RequestException Type(string param, string expected, string found) =>
        Invalid(param, $"Invalid type for '{param}': expected {expected}, but got {found} instead.", "invalid_type");

    public static RequestException Missing(string param) => Invalid(param, $"Missing required parameter: '{param}'.", "missing_required_parameter");

    public static RequestException Unknown(string param) => Invalid(param, $"Unknown parameter: '{param}'.", "unknown_parameter");

    public static RequestException Unsupported(string param, string why) => Invalid(param, $"Unsupported parameter: '{param}': {why}", "unsupported_parameter");

    public static RequestException UnsupportedValue(string param, string why) => Invalid(param, $"Unsupported value for '{param}': {why}", "unsupported_value");

    public static RequestException NoModel(string id) => new(404, $"The model '{id}' does not exist.", "model", "model_not_found");
}
