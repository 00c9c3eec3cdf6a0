using Transformer.Core.Attention;
using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Support;

/// <summary>Counts the rows that a model's first layer computes, in whichever session, and calls back before each pass.</summary>
internal sealed class RowCounter
{
    private long _rows;

    public long Rows => Interlocked.Read(ref _rows);

    /// <summary>Called in layer 0 with the number of rows before they are computed.</summary>
    public Action<int>? OnPass { get; set; }

    /// <summary>What was computed since the last call.</summary>
    public long Take() => Interlocked.Exchange(ref _rows, 0);

    public TransformerBuilder Builder(string family) =>
        TinyModels.Builder(family).WithTokenizer(new LetterTokenizer()).WithAttention(c => c.Layer > 0 ? Own(family, c) : new Counting(Own(family, c), this));

    private static MultiHeadAttention Own(string family, ComponentContext c) =>
        new(c, window: family == "gemma" && c.Layer == 1 ? 30 : null);

    private sealed class Counting(IAttentionBlock inner, RowCounter counter) : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity) => inner.CreateState(capacity);

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            counter.OnPass?.Invoke(x.Rows);
            Interlocked.Add(ref counter._rows, x.Rows);
            inner.Forward(x, y, context);
        }
    }
}
