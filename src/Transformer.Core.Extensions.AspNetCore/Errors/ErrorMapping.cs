using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Extensions.Hosting;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>Exceptions as HTTP statuses and OpenAI's error objects.</summary>
internal static partial class ErrorMapping
{
    /// <summary>The status and the error; 500 for what nobody foresaw, without its message.</summary>
    public static (int Status, ErrorBody Error) Of(Exception exception) => exception switch
    {
        RequestException wrong => (wrong.Status, Invalid(wrong.Message, wrong.Param, wrong.Code)),
        GenerationQueueFullException full => (503, new ErrorBody(full.Message, "server_error", null, "queue_full")),
        ContextLengthExceededException tooLong => (400, Invalid(tooLong.Message, null, "context_length_exceeded")),
        BadHttpRequestException bad => (bad.StatusCode, Invalid(bad.StatusCode == 413 ? "The request is too large." : "The request could not be read.", null, bad.StatusCode == 413 ? "request_too_large" : "invalid_request")),
        JsonException json => (400, Invalid($"The body is not valid JSON: {json.Message}", null, "invalid_json")),
        NotSupportedException refused => (400, Invalid(OneLine(refused), Param(refused), "unsupported_value")),
        ChatTemplateException template => (400, Invalid(template.Message, "messages", "invalid_messages")),
        TokenOutOfRangeException token => (400, Invalid(token.Message, "prompt", "invalid_value")),
        ArgumentException argument => (400, Invalid(OneLine(argument), Param(argument), "invalid_value")),
        _ => (500, new ErrorBody("The server had an error while it processed the request; its log says which.", "server_error", null, "internal_error")),
    };

    private static ErrorBody Invalid(string message, string? param, string? code) => new(message, "invalid_request_error", param, code);

    // the library's messages begin with the option they speak of: "TopP: expected ..."
    private static string? Param(Exception exception) =>
        Name().Match(exception.Message) is { Success: true } name ? Hump().Replace(name.Groups[1].Value.Replace('.', '_'), "_$0").ToLowerInvariant() : null;

    private static string OneLine(Exception exception) => Parameter().Replace(exception.Message.Split('\n')[0], "").TrimEnd();

    [GeneratedRegex(@"^([A-Za-z]+(\.[A-Za-z]+)*(\[\d+\])?):")]
    private static partial Regex Name();

    [GeneratedRegex("(?<=[a-z])[A-Z]")]
    private static partial Regex Hump();

    [GeneratedRegex(@" \(Parameter '[^']*'\)")]
    private static partial Regex Parameter();
}
