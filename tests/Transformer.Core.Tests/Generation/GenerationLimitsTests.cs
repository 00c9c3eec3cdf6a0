using Transformer.Core.Sampling;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Where a generation ends before its time, or may not begin.</summary>
public class GenerationLimitsTests
{
    private static readonly TransformerModel Model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).WithContextLength(10).Build();

    public static TheoryData<string> WrongOptions => new("MaxTokens", "Temperature", "TopK", "TopP", "MinP", "RepetitionPenalty", "RepetitionWindow", "StopStrings",
        "DynamicTemperatureRange", "DynamicTemperatureExponent", "TypicalP", "TopNSigma", "XtcProbability", "XtcThreshold", "FrequencyPenalty", "PresencePenalty", "NoRepeatNgramSize",
        "DryMultiplier", "DryBase", "DryAllowedLength", "DryWindow", "DrySequenceBreakers", "Mirostat", "MirostatTau", "MirostatEta", "LogitBias", "SamplingOrder", "TopLogprobs", "KeepTokens");

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public void A_wrong_option_is_named(string name)
    {
        GenerationOptions[] wrong = name switch
        {
            "MaxTokens" => [new() { MaxTokens = -1 }],
            "Temperature" => [new() { Temperature = -0.1 }, new() { Temperature = double.NaN }, new() { Temperature = double.PositiveInfinity }],
            "TopK" => [new() { TopK = -1 }],
            "TopP" => [new() { TopP = 0 }, new() { TopP = 1.01 }, new() { TopP = double.NaN }],
            "MinP" => [new() { MinP = -0.1 }, new() { MinP = 1.1 }, new() { MinP = double.NaN }],
            "RepetitionPenalty" => [new() { RepetitionPenalty = 0 }, new() { RepetitionPenalty = double.PositiveInfinity }],
            "RepetitionWindow" => [new() { RepetitionWindow = -1 }],
            "StopStrings" => [new() { StopStrings = ["a", ""] }],
            "DynamicTemperatureRange" => [new() { DynamicTemperatureRange = -1 }, new() { DynamicTemperatureRange = double.NaN }],
            "DynamicTemperatureExponent" => [new() { DynamicTemperatureExponent = double.NaN }, new() { DynamicTemperatureExponent = -1 }],
            "TypicalP" => [new() { TypicalP = 0 }, new() { TypicalP = 2 }, new() { TypicalP = double.NaN }],
            "TopNSigma" => [new() { TopNSigma = -1 }, new() { TopNSigma = double.NaN }],
            "XtcProbability" => [new() { XtcProbability = 1.1 }, new() { XtcProbability = double.NaN }],
            "XtcThreshold" => [new() { XtcThreshold = -0.1 }, new() { XtcThreshold = double.NaN }],
            "FrequencyPenalty" => [new() { FrequencyPenalty = double.NaN }, new() { FrequencyPenalty = double.NegativeInfinity }],
            "PresencePenalty" => [new() { PresencePenalty = double.NaN }, new() { PresencePenalty = double.PositiveInfinity }],
            "NoRepeatNgramSize" => [new() { NoRepeatNgramSize = -1 }],
            "DryMultiplier" => [new() { DryMultiplier = -1 }, new() { DryMultiplier = double.NaN }],
            "DryBase" => [new() { DryBase = 0.9 }, new() { DryBase = double.NaN }],
            "DryAllowedLength" => [new() { DryAllowedLength = -1 }],
            "DryWindow" => [new() { DryWindow = -1 }],
            "DrySequenceBreakers" => [new() { DrySequenceBreakers = ["\n", ""] }],
            "Mirostat" => [new() { Mirostat = 3, Temperature = 1 }, new() { Mirostat = -1, Temperature = 1 }],
            "MirostatTau" => [new() { MirostatTau = 0 }, new() { MirostatTau = double.NaN }],
            "MirostatEta" => [new() { MirostatEta = -1 }, new() { MirostatEta = double.NaN }],
            "LogitBias" => [new() { LogitBias = Bias(50, 1) }, new() { LogitBias = Bias(-1, 1) }, new() { LogitBias = Bias(1, double.NaN) }, new() { LogitBias = Bias(1, double.PositiveInfinity) }],
            "SamplingOrder" => [new() { SamplingOrder = [SamplingStep.TopK, SamplingStep.TopK] }, new() { SamplingOrder = [(SamplingStep)99] }],
            "TopLogprobs" => [new() { TopLogprobs = -1 }, new() { TopLogprobs = 51 }],
            "KeepTokens" => [new() { KeepTokens = -1 }],
            _ => throw new ArgumentException(name),
        };
        foreach (GenerationOptions options in wrong)
        {
            ((Action)(() => Model.Complete("a", options))).Should().Throw<ArgumentException>().WithParameterName(name).WithMessage($"{name}: expected*found*");
            ((Action)(() => Model.StreamAsync("a", options))).Should().Throw<ArgumentException>("at the call, not at the first piece").WithParameterName(name);
        }
    }

    [Fact]
    public void Mirostat_needs_a_temperature() =>
        ((Action)(() => Model.Complete("a", new GenerationOptions { Mirostat = 2 }))).Should().Throw<ArgumentException>().WithParameterName("Temperature").WithMessage("*Mirostat*");

    [Fact]
    public void A_prompt_longer_than_the_context_is_refused()
    {
        ContextLengthExceededException thrown = ((Action)(() => Model.Complete("abcdefghij"))).Should().Throw<ContextLengthExceededException>().Which;
        (thrown.Capacity, thrown.Requested).Should().Be((10, 11));
    }

    [Theory]
    [InlineData("abcdefghi", 1)] // with the beginning token the prompt fills the context: one token still comes out
    [InlineData("abcdef", 4)]
    public void A_full_context_ends_the_text(string prompt, int generated)
    {
        GenerationResult result = Model.Complete(prompt, new GenerationOptions { IgnoreEndTokens = true });
        (result.FinishReason, result.TokenIds.Count).Should().Be((FinishReason.ContextFull, generated));
    }

    [Fact]
    public void The_most_tokens_wanted_may_just_fit()
    {
        GenerationResult result = Model.Complete("abcdef", new GenerationOptions { MaxTokens = 4, IgnoreEndTokens = true });
        (result.FinishReason, result.TokenIds.Count).Should().Be((FinishReason.MaxTokens, 4));
    }

    [Fact]
    public async Task A_cancelled_stream_stops_between_pieces()
    {
        using CancellationTokenSource cancellation = new();
        int pieces = 0;
        Func<Task> read = async () =>
        {
            await foreach (GenerationUpdate update in Model.StreamAsync("a", Script.Options("bcdefg"), cancellation.Token))
                if (++pieces == 3)
                    cancellation.Cancel();
        };
        await read.Should().ThrowAsync<OperationCanceledException>();
        pieces.Should().Be(3);
    }

    [Fact]
    public async Task The_token_of_the_loop_counts_too()
    {
        Func<Task> read = async () =>
        {
            await foreach (GenerationUpdate update in Model.StreamAsync("a").WithCancellation(new CancellationToken(canceled: true)))
                Assert.Fail("It was cancelled.");
        };
        await read.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void A_cancelled_completion_throws() =>
        ((Action)(() => Model.Complete("a", null, new CancellationToken(canceled: true)))).Should().Throw<OperationCanceledException>();

    [Fact]
    public async Task Leaving_the_loop_disposes_the_sequence()
    {
        List<StateWatcher> states = [];
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer())
            .WithAttention(c => new WatchedAttention(new Core.Attention.MultiHeadAttention(c), states)).Build();
        await foreach (GenerationUpdate update in model.StreamAsync("a", Script.Options("bcdefg")))
            break;
        states.Should().HaveCount(3).And.OnlyContain(state => state.Disposed);
    }

    [Fact]
    public void A_model_without_a_tokenizer_says_what_to_do() =>
        ((Action)(() => TinyModels.Build("llama").Complete("a"))).Should().Throw<ArgumentException>().WithMessage("*WithTokenizer*");

    private static Dictionary<int, double> Bias(int id, double bias) => new() { [id] = bias };

    /// <summary>Attention without a state of use, whose states tell that they were disposed.</summary>
    private sealed class WatchedAttention(IAttentionBlock inner, List<StateWatcher> states) : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity)
        {
            inner.Should().NotBeNull();
            states.Add(new StateWatcher());
            return states[^1];
        }

        public void Forward(Core.Numerics.MatrixSpan x, Core.Numerics.MatrixSpan y, in ForwardContext context) => x.CopyTo(y);
    }

    private sealed class StateWatcher : ISequenceState
    {
        public bool Disposed { get; private set; }

        public int Length => 0;

        public long SizeInBytes => 0;

        public void Dispose() => Disposed = true;

        public ISequenceState Fork() => this;

        public void Load(Stream stream)
        {
        }

        public void Save(Stream stream)
        {
        }

        public void Truncate(int length)
        {
        }
    }
}
