using Transformer.Core.Numerics;

namespace Transformer.Core.Attention;

/// <summary>Rotates the queries and keys of all rows of a pass; those of long prompts on all threads.</summary>
internal static class Rotation
{
    /// <summary>Rotates the rows, if there are positions.</summary>
    /// <param name="positions">What rotates.</param>
    /// <param name="vectors">[n, heads x head dim], in place.</param>
    /// <param name="headDim">Features of a head.</param>
    /// <param name="context">The rows' positions.</param>
    public static void Run(IPositionalEncoder? positions, MatrixSpan vectors, int headDim, in ForwardContext context)
    {
        if (positions is not null)
            context.Workers.Run(new Region { Encoder = positions, At = context.Positions, Vectors = vectors, HeadDim = headDim }, vectors.Rows, ElementwiseGrain.Rows(vectors.Columns));
    }

    /// <summary>Item i is row i.</summary>
    private ref struct Region : IParallelWork
    {
        public IPositionalEncoder Encoder;
        public ReadOnlySpan<int> At;
        public MatrixSpan Vectors;
        public int HeadDim;

        public readonly void Execute(int start, int end, int worker) => Encoder.Rotate(At[start..end], Vectors.RowRange(start, end - start), HeadDim);
    }
}
