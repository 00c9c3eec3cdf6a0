namespace Transformer.Core;

/// <summary>Names under which the library tells OpenTelemetry what it does. While nobody listens, nothing is measured.</summary>
/// <remarks>
/// Spans and metrics follow OpenTelemetry's semantic conventions for generative AI
/// (github.com/open-telemetry/semantic-conventions-genai): span <c>text_completion {model}</c>; histograms
/// <c>gen_ai.client.token.usage</c>, <c>gen_ai.client.operation.duration</c>, <c>gen_ai.server.time_to_first_token</c>,
/// <c>gen_ai.server.time_per_output_token</c>. Neither prompts nor texts are recorded.
/// </remarks>
public static class TransformerTelemetry
{
    /// <summary>Name of the <see cref="System.Diagnostics.ActivitySource"/>.</summary>
    public const string ActivitySourceName = "Transformer.Core";

    /// <summary>Name of the <see cref="System.Diagnostics.Metrics.Meter"/>.</summary>
    public const string MeterName = "Transformer.Core";

    /// <summary>The value of <c>gen_ai.provider.name</c>.</summary>
    public const string ProviderName = "transformer.core";
}
