using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Transformer.Core.Sampling;

namespace Transformer.Core.Extensions.Hosting.Tests;

/// <summary>What OpenTelemetry's own SDK sees of a generation. Each test's model has a name of its own: meters are shared by a process.</summary>
public class TelemetryTests
{
    private const string Prompt = "我爱中华人民共和";

    [Fact]
    public async Task A_generation_is_a_span_of_the_genai_conventions()
    {
        List<Activity> spans = [];
        using TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(TransformerTelemetry.ActivitySourceName, "caller").AddInMemoryExporter(spans).Build();
        using ActivitySource caller = new("caller");
        TextGenerator generator = Generator("span-model");
        GenerationOptions options = new() { MaxTokens = 4, IgnoreEndTokens = true, Seed = 7, TopK = 5, TopP = 0.9, Temperature = 0.5, StopStrings = ["never"] };
        GenerationResult result;
        ActivitySpanId parent;
        using (Activity outer = caller.StartActivity("outer")!)
        {
            parent = outer.SpanId;
            result = generator.Complete(Prompt, options);
            await foreach (GenerationUpdate _ in generator.StreamAsync(Prompt, options))
                Activity.Current.Should().BeSameAs(outer, "a stream's span is not the reader's");
        }

        List<Activity> ours = [.. spans.Where(span => span.DisplayName == "text_completion span-model")];
        ours.Should().HaveCount(2);
        foreach (Activity span in ours)
        {
            span.Kind.Should().Be(ActivityKind.Internal, "the model runs in this process");
            span.ParentSpanId.Should().Be(parent);
            span.Status.Should().Be(ActivityStatusCode.Unset);
            span.TagObjects.Where(tag => tag.Key is not "gen_ai.response.time_to_first_chunk").Should().BeEquivalentTo(new Dictionary<string, object?>
            {
                ["gen_ai.operation.name"] = "text_completion",
                ["gen_ai.provider.name"] = "transformer.core",
                ["gen_ai.request.model"] = "span-model",
                ["gen_ai.request.max_tokens"] = 4,
                ["gen_ai.request.temperature"] = 0.5,
                ["gen_ai.request.top_p"] = 0.9,
                ["gen_ai.request.top_k"] = 5,
                ["gen_ai.request.seed"] = 7,
                ["gen_ai.request.stop_sequences"] = new[] { "never" },
                ["gen_ai.response.model"] = "span-model",
                ["gen_ai.response.finish_reasons"] = new[] { "length" },
                ["gen_ai.usage.input_tokens"] = result.PromptTokenIds.Count,
                ["gen_ai.usage.output_tokens"] = 4,
            });
            span.GetTagItem("gen_ai.response.time_to_first_chunk").Should().BeOfType<double>().Which.Should().BeInRange(0, span.Duration.TotalSeconds);
        }
    }

    [Fact]
    public void A_generation_is_measured_under_the_genai_names_with_their_buckets()
    {
        List<MetricSnapshot> exported = [];
        using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter(TransformerTelemetry.MeterName).AddInMemoryExporter(exported).Build();
        GenerationResult result = Generator("metric-model").Complete(Prompt, new GenerationOptions { MaxTokens = 5, IgnoreEndTokens = true });
        meters.ForceFlush();

        Sum("gen_ai.client.token.usage", "{token}", "input").Should().Be(result.PromptTokenIds.Count);
        Sum("gen_ai.client.token.usage", "{token}", "output").Should().Be(5);
        double duration = Sum("gen_ai.client.operation.duration", "s");
        double first = Sum("gen_ai.server.time_to_first_token", "s");
        double next = Sum("gen_ai.server.time_per_output_token", "s");
        next.Should().Be(result.DecodeTime.TotalSeconds / 4);
        first.Should().BeGreaterThanOrEqualTo(result.PrefillTime.TotalSeconds);
        duration.Should().BeGreaterThanOrEqualTo(first + (4 * next));
        Bounds("gen_ai.client.token.usage").Should().StartWith([1, 4, 16]).And.Contain(67108864);
        Bounds("gen_ai.server.time_to_first_token").Should().StartWith([0.001, 0.005, 0.01]).And.Contain(10);
        Bounds("gen_ai.server.time_per_output_token").Should().StartWith([0.01, 0.025, 0.05]).And.Contain(2.5);
        Bounds("gen_ai.client.operation.duration").Should().StartWith([0.01, 0.02, 0.04]).And.Contain(81.92);

        double Sum(string name, string unit, string? tokenType = null)
        {
            MetricSnapshot metric = exported.Single(m => m.Name == name);
            metric.Unit.Should().Be(unit);
            MetricPoint point = metric.MetricPoints.Single(p => Tag(p, "gen_ai.request.model") == "metric-model" && Tag(p, "gen_ai.token.type") == tokenType);
            (Tag(point, "gen_ai.operation.name"), Tag(point, "gen_ai.provider.name"), Tag(point, "error.type")).Should().Be(("text_completion", "transformer.core", null));
            point.GetHistogramCount().Should().Be(1);
            return point.GetHistogramSum();
        }

        List<double> Bounds(string name)
        {
            List<double> bounds = [];
            foreach (HistogramBucket bucket in exported.Single(m => m.Name == name).MetricPoints[0].GetHistogramBuckets())
                bounds.Add(bucket.ExplicitBound);
            return bounds;
        }
    }

    [Fact]
    public void A_failure_is_told_by_its_type()
    {
        List<Activity> spans = [];
        using TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(TransformerTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using MetricCollector<double> durations = new(null, TransformerTelemetry.MeterName, "gen_ai.client.operation.duration");
        using MetricCollector<double> perToken = new(null, TransformerTelemetry.MeterName, "gen_ai.server.time_per_output_token");
        GenerationOptions options = new() { MaxTokens = 5, Sampler = () => new FailingAfter(2) };
        ((Action)(() => Generator("failing-model").Complete(Prompt, options))).Should().Throw<TimeoutException>();

        Activity span = spans.Single(s => s.DisplayName == "text_completion failing-model");
        span.Status.Should().Be(ActivityStatusCode.Error);
        span.StatusDescription.Should().Be("the sampler gave up");
        span.GetTagItem("error.type").Should().Be("System.TimeoutException");
        span.GetTagItem("gen_ai.usage.output_tokens").Should().Be(2);
        durations.GetMeasurementSnapshot().Where(Of("failing-model")).Should().ContainSingle().Which.Tags["error.type"].Should().Be("System.TimeoutException");
        perToken.GetMeasurementSnapshot().Where(Of("failing-model")).Should().BeEmpty("it is for successful responses");
    }

    [Fact]
    public async Task A_stream_that_is_left_early_counts_what_was_generated()
    {
        using MetricCollector<long> usage = new(null, TransformerTelemetry.MeterName, "gen_ai.client.token.usage");
        int seen = 0;
        await foreach (GenerationUpdate _ in Generator("left-model").StreamAsync(Prompt, new GenerationOptions { MaxTokens = 50, IgnoreEndTokens = true }))
        {
            if (++seen == 3)
                break;
        }
        usage.GetMeasurementSnapshot().Where(m => Equals(m.Tags["gen_ai.request.model"], "left-model")).Single(m => (string?)m.Tags["gen_ai.token.type"] == "output").Value.Should().Be(3);
    }

    [Fact]
    public void A_step_allocates_the_same_whether_or_not_somebody_listens()
    {
        TextGenerator generator = Generator("listened-model");
        long without = Growth();
        List<Activity> spans = [];
        using TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(TransformerTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using MetricCollector<double> first = new(null, TransformerTelemetry.MeterName, "gen_ai.server.time_to_first_token");
        Growth().Should().Be(without);

        // What 32 tokens more cost.
        long Growth()
        {
            Bytes(64);
            return Bytes(64) - Bytes(32);
        }

        long Bytes(int tokens)
        {
            GenerationOptions options = new() { MaxTokens = tokens, Sampler = () => new FailingAfter(int.MaxValue), IgnoreEndTokens = true };
            long before = GC.GetAllocatedBytesForCurrentThread();
            generator.Complete(Prompt, options);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    private static TextGenerator Generator(string name) => new(ModelLoader.Open(Primer.Path).WithName(name).WithThreads(1).Build());

    private static Func<CollectedMeasurement<double>, bool> Of(string model) => measurement => Equals(measurement.Tags["gen_ai.request.model"], model);

    private static string? Tag(MetricPoint point, string key)
    {
        foreach (KeyValuePair<string, object?> tag in point.Tags)
        {
            if (tag.Key == key)
                return (string?)tag.Value;
        }
        return null;
    }

    /// <summary>Chooses the same token, and gives up after some.</summary>
    private sealed class FailingAfter(int tokens) : ISampler
    {
        private int _left = tokens;

        public int Sample(ReadOnlySpan<float> logits) => --_left >= 0 ? 100 : throw new TimeoutException("the sampler gave up");
    }
}
