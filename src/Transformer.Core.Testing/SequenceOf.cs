namespace Transformer.Core.Testing;

/// <summary>Runs sequences through an attention block.</summary>
internal sealed class SequenceOf(IAttentionBlock attention, int hiddenSize, int capacity)
{
    public ISequenceState? Create() => attention.CreateState(capacity);

    public Rows Run(Rows x, ISequenceState? state, int position, int threads = 2) => Pass.Run(attention.Forward, x, hiddenSize, state, position, threads);

    public Rows RunAll(Rows x, (int Count, int Position, ISequenceState? State)[] sequences) => Pass.RunAll(attention.Forward, x, hiddenSize, sequences);

    /// <summary>A whole sequence in one pass.</summary>
    public Rows Prefill(Rows x, int threads = 2)
    {
        using ISequenceState? state = Create();
        return Run(x, state, 0, threads);
    }

    /// <summary>A whole sequence, token by token.</summary>
    public Rows Decode(Rows x)
    {
        using ISequenceState? state = Create();
        return Decode(x, state, 0);
    }

    /// <summary>More tokens, one by one.</summary>
    public Rows Decode(Rows x, ISequenceState? state, int position)
    {
        Rows y = new(x.Count, hiddenSize);
        for (int row = 0; row < x.Count; row++)
            y = y.With(row, Run(x.Range(row, 1), state, position + row));
        return y;
    }
}
