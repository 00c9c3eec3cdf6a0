using Transformer.Core;
using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace SwapAComponent;

/// <summary>
/// Attention without a softmax: φ(q)·Σ φ(k)vᵀ / φ(q)·Σ φ(k), with φ(x) = elu(x) + 1. What it remembers of a sequence
/// does not grow with it (Katharopoulos et al. 2020, arXiv:2006.16236).
/// </summary>
internal sealed class LinearAttention : IAttentionBlock
{
    private readonly int _heads;
    private readonly int _headDim;
    private readonly Linear _qkv;
    private readonly Linear _output;
    private readonly IPositionalEncoder? _positions;

    public LinearAttention(ComponentContext c)
    {
        if (c.KvHeads != c.Heads)
            throw new ArgumentException($"LinearAttention: expected as many kv heads as heads ({c.Heads}), found {c.KvHeads}.");
        _heads = c.Heads;
        _headDim = c.HeadDim;
        int width = c.Heads * c.HeadDim;
        _qkv = c.Weights.Linear(c.HiddenSize, ("q_proj", width), ("k_proj", width), ("v_proj", width));
        _output = c.Weights.Linear(width, ("o_proj", c.HiddenSize));
        _positions = c.Positions;
    }

    public ISequenceState CreateState(int capacity) => new LinearAttentionState(_heads, _headDim);

    public long StateBytes(int length) => LinearAttentionState.Bytes(_heads, _headDim);

    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        int width = _heads * _headDim;
        MatrixSpan qkv = context.Workspace.Matrix(x.Rows, 3 * width);
        _qkv.Forward(x, qkv, context.Compute);
        _positions?.Rotate(context.Positions, qkv.ColumnRange(0, 2 * width), _headDim);

        MatrixSpan mixed = context.Workspace.Matrix(x.Rows, width);
        for (int i = 0; i < context.Sequences.Length; i++)
        {
            SequenceRows rows = context.Sequences[i];
            LinearAttentionState state = (LinearAttentionState)context.State(i)!;
            for (int row = rows.Start; row < rows.Start + rows.Count; row++)
                state.Step(qkv[row], mixed[row]);
        }
        context.Observe(ActivationPoints.Mixed, mixed, _heads);

        _output.Forward(mixed, y, context.Compute);
        context.Observe(ActivationPoints.AttentionOut, y);
    }
}
