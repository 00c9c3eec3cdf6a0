using Transformer.Core.Attention;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Whatever becomes of a generation, its states are handed back.</summary>
public class GenerationCyclesTests
{
    [Fact]
    public async Task Every_state_made_is_disposed_however_a_generation_ends()
    {
        List<WeakState> states = [];
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).WithContextLength(60)
            .WithAttention(c => new Watched(new MultiHeadAttention(c), states)).Build();
        TextGenerator generator = new(model);
        GenerationOptions options = new() { MaxTokens = 6, Temperature = 1, IgnoreEndTokens = true };
        for (int i = 0; i < 60; i++)
        {
            using CancellationTokenSource cancellation = new();
            int pieces = 0;
            try
            {
                switch (i % 6)
                {
                    case 0:
                        generator.Complete("abc", options);
                        break;
                    case 1:
                        cancellation.Cancel();
                        generator.Complete("abc", options, cancellation.Token);
                        break;
                    case 2:
                        await foreach (GenerationUpdate update in generator.StreamAsync("abc", options, cancellation.Token))
                            if (++pieces == 3)
                                cancellation.Cancel();
                        break;
                    case 3:
                        await foreach (GenerationUpdate update in generator.StreamAsync("abc", options, cancellation.Token))
                            if (++pieces == 2)
                                break;
                        break;
                    case 4:
                        generator.CompleteMany("abc", 3, options with { Sampler = () => new Failing() });
                        break;
                    default:
                        generator.BeamSearch("abc", new BeamSearchOptions { MaxTokens = 5 }, cancellation.Token);
                        break;
                }
            }
            catch (Exception expected) when (expected is OperationCanceledException or TimeZoneNotFoundException)
            {
                // one of the ends
            }
        }
        states.Should().HaveCountGreaterThan(200).And.OnlyContain(state => state.Disposed);
    }

    private sealed class Failing : Core.Sampling.ISampler
    {
        private int _calls;

        public int Sample(ReadOnlySpan<float> logits) => ++_calls > 2 ? throw new TimeZoneNotFoundException() : 5;
    }

    private sealed class Watched(IAttentionBlock inner, List<WeakState> states) : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity)
        {
            states.Add(new WeakState(states));
            return inner.GetType() == typeof(MultiHeadAttention) ? states[^1] : null;
        }

        public void Forward(Core.Numerics.MatrixSpan x, Core.Numerics.MatrixSpan y, in ForwardContext context) => x.CopyTo(y);
    }

    private sealed class WeakState(List<WeakState> states) : ISequenceState
    {
        public bool Disposed { get; private set; }

        public int Length => 0;

        public long SizeInBytes => 0;

        public void Dispose() => Disposed = true;

        public ISequenceState Fork()
        {
            states.Add(new WeakState(states));
            return states[^1];
        }

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
