using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Transformer.Core.Generation;

/// <summary>
/// One generation as spans and metrics; null while nobody listens. <see cref="Next"/> takes the run's steps,
/// <see cref="Dispose"/> ends it however it ended. A step allocates nothing; histograms are told at the first token and at the end.
/// </summary>
internal sealed class GenerationTelemetry : IDisposable
{
    private const string Operation = "text_completion";

    private static readonly ActivitySource Source = new(TransformerTelemetry.ActivitySourceName);
    private static readonly Meter Meter = new(TransformerTelemetry.MeterName);

    private static readonly Histogram<long> TokenUsage = Meter.CreateHistogram(
        "gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.",
        advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] });

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "gen_ai.client.operation.duration", "s", "GenAI operation duration.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });

    private static readonly Histogram<double> TimeToFirstToken = Meter.CreateHistogram(
        "gen_ai.server.time_to_first_token", "s", "Time to generate first token for successful responses.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0] });

    private static readonly Histogram<double> TimePerOutputToken = Meter.CreateHistogram(
        "gen_ai.server.time_per_output_token", "s", "Time per output token generated after the first token for successful responses.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5] });

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly string _model;
    private readonly int _promptTokens;
    private readonly Activity? _activity;
    private TimeSpan _firstToken;
    private int _tokens;
    private GenerationResult? _result;
    private Exception? _failure;

    private GenerationTelemetry(string model, GenerationOptions options, int promptTokens)
    {
        _model = model;
        _promptTokens = promptTokens;
        _activity = Source.StartActivity($"{Operation} {model}", ActivityKind.Internal, default(ActivityContext),
        [
            new("gen_ai.operation.name", Operation),
            new("gen_ai.provider.name", TransformerTelemetry.ProviderName),
            new("gen_ai.request.model", model),
        ]);
        if (_activity is not { IsAllDataRequested: true } activity)
            return;
        activity.SetTag("gen_ai.request.max_tokens", options.MaxTokens);
        activity.SetTag("gen_ai.request.temperature", options.Temperature);
        if (options.TopP < 1)
            activity.SetTag("gen_ai.request.top_p", options.TopP);
        if (options.TopK > 0)
            activity.SetTag("gen_ai.request.top_k", options.TopK);
        if (options.Seed is { } seed)
            activity.SetTag("gen_ai.request.seed", seed);
        if (options.StopStrings.Count > 0)
            activity.SetTag("gen_ai.request.stop_sequences", options.StopStrings.ToArray());
    }

    /// <summary>Begins a generation; null if nobody listens.</summary>
    public static GenerationTelemetry? Start(TransformerModel model, GenerationOptions options, int promptTokens) =>
        Source.HasListeners() || TokenUsage.Enabled || Duration.Enabled || TimeToFirstToken.Enabled || TimePerOutputToken.Enabled
            ? new GenerationTelemetry(model.Description.Name, options, promptTokens)
            : null;

    /// <summary>The run's next step, seen by <paramref name="telemetry"/> if there is one.</summary>
    public static GenerationUpdate Next(GenerationTelemetry? telemetry, GenerationRun run, CancellationToken cancellationToken)
    {
        if (telemetry is null)
            return run.Next(cancellationToken);
        try
        {
            GenerationUpdate update = run.Next(cancellationToken);
            telemetry.Observe(update);
            return update;
        }
        catch (Exception exception)
        {
            telemetry._failure = exception;
            throw;
        }
    }

    /// <summary>Tells what became of it: a result, a failure, or neither where the caller left early.</summary>
    public void Dispose()
    {
        TagList tags = Tags();
        TagList input = tags;
        input.Add("gen_ai.token.type", "input");
        TokenUsage.Record(_promptTokens, input);
        if (_tokens > 0)
        {
            TagList output = tags;
            output.Add("gen_ai.token.type", "output");
            TokenUsage.Record(_tokens, output);
        }
        if (_result is { TokenIds.Count: > 1 } result)
            TimePerOutputToken.Record(result.DecodeTime.TotalSeconds / (result.TokenIds.Count - 1), tags);
        if (_failure is not null)
            tags.Add("error.type", _failure.GetType().FullName);
        Duration.Record(Stopwatch.GetElapsedTime(_start).TotalSeconds, tags);
        End();
    }

    private void Observe(in GenerationUpdate update)
    {
        _result = update.Result;
        if (update.TokenId is null || ++_tokens > 1)
            return;
        _firstToken = Stopwatch.GetElapsedTime(_start);
        TimeToFirstToken.Record(_firstToken.TotalSeconds, Tags());
    }

    private TagList Tags() => new()
    {
        { "gen_ai.operation.name", Operation },
        { "gen_ai.provider.name", TransformerTelemetry.ProviderName },
        { "gen_ai.request.model", _model },
        { "gen_ai.response.model", _model },
    };

    private void End()
    {
        if (_activity is null)
            return;
        _activity.SetTag("gen_ai.response.model", _model);
        _activity.SetTag("gen_ai.usage.input_tokens", _promptTokens);
        _activity.SetTag("gen_ai.usage.output_tokens", _tokens);
        if (_tokens > 0)
            _activity.SetTag("gen_ai.response.time_to_first_chunk", _firstToken.TotalSeconds);
        if (_result is { } result)
            _activity.SetTag("gen_ai.response.finish_reasons", new[] { result.FinishReason is FinishReason.EndToken or FinishReason.StopString ? "stop" : "length" });
        if (_failure is not null)
            _activity.SetTag("error.type", _failure.GetType().FullName).SetStatus(ActivityStatusCode.Error, _failure.Message);
        _activity.Dispose();
    }
}
