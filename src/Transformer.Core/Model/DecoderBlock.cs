using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core;

/// <summary>One layer: attention, feed-forward, normalizations, and the layout that joins them. Immutable and thread-safe.</summary>
public sealed class DecoderBlock
{
    /// <summary>Site of the dropout after attention.</summary>
    public const int AttentionSite = 0;

    /// <summary>Site of the dropout after feed-forward.</summary>
    public const int FeedForwardSite = 1;

    private readonly INormalization[] _norms;
    private readonly Dropout _dropout;

    internal DecoderBlock(IAttentionBlock attention, IFeedForward feedForward, INormalization[] norms, BlockLayout layout, Dropout dropout)
    {
        Attention = attention;
        FeedForward = feedForward;
        Layout = layout;
        _norms = norms;
        _dropout = dropout;
    }

    /// <summary>Mixes tokens.</summary>
    public IAttentionBlock Attention { get; }

    /// <summary>Transforms each token.</summary>
    public IFeedForward FeedForward { get; }

    /// <summary>The normalizations, in the order of the layout's <see cref="BlockLayout.NormNames"/>.</summary>
    public ReadOnlySpan<INormalization> Norms => _norms;

    /// <summary>How the parts are joined.</summary>
    public BlockLayout Layout { get; }

    /// <summary>Runs the layer on the residual stream [n, hidden], in place.</summary>
    public void Forward(MatrixSpan hidden, in ForwardContext context)
    {
        context.Observe(ActivationPoints.ResidualBefore, hidden);
        Layout.Forward(this, hidden, context);
        context.Observe(ActivationPoints.ResidualAfter, hidden);
    }

    /// <summary>y = norm(x), shown to an observer.</summary>
    /// <param name="norm">Index in <see cref="Norms"/>.</param>
    /// <param name="x">[n, hidden].</param>
    /// <param name="y">[n, hidden]; may be the same memory as x.</param>
    /// <param name="point">One of <see cref="ActivationPoints"/>, or the layout's own.</param>
    /// <param name="context">The pass.</param>
    public void Normalize(int norm, MatrixSpan x, MatrixSpan y, string point, in ForwardContext context) =>
        ObservedNorm.Forward(_norms[norm], x, y, point, context);

    /// <summary>hidden += dropout(delta).</summary>
    /// <param name="delta">[n, hidden]; overwritten by dropout.</param>
    /// <param name="hidden">[n, hidden].</param>
    /// <param name="site"><see cref="AttentionSite"/> or <see cref="FeedForwardSite"/>.</param>
    /// <param name="context">The pass.</param>
    public void AddResidual(MatrixSpan delta, MatrixSpan hidden, int site, in ForwardContext context)
    {
        _dropout.Apply(delta, site, context);
        context.Workers.Run(new Sum { Delta = delta, Hidden = hidden }, hidden.Rows, ElementwiseGrain.Rows(hidden.Columns));
    }

    /// <summary>Item i is row i.</summary>
    private ref struct Sum : IParallelWork
    {
        public MatrixSpan Delta;
        public MatrixSpan Hidden;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int row = start; row < end; row++)
                Add.Compute(Delta[row], Hidden[row]);
        }
    }
}
