using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Where a generation ends before its time, or may not begin.</summary>
public class GenerationLimitsTests
{
    private static readonly TransformerModel Model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).WithContextLength(10).Build();

    public static TheoryData<string> WrongOptions => new("MaxTokens", "Temperature", "TopK", "TopP", "MinP", "RepetitionPenalty", "RepetitionWindow", "StopStrings");

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
            _ => [new() { StopStrings = ["a", ""] }],
        };
        foreach (GenerationOptions options in wrong)
        {
            ((Action)(() => Model.Complete("a", options))).Should().Throw<ArgumentException>().WithParameterName(name).WithMessage($"{name}: expected*found*");
            ((Action)(() => Model.StreamAsync("a", options))).Should().Throw<ArgumentException>("at the call, not at the first piece").WithParameterName(name);
        }
    }

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
