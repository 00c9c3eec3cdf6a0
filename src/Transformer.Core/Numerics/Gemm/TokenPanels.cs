using System.Runtime.CompilerServices;

namespace Transformer.Core.Numerics.Gemm;

/// <summary>
/// Activations [tokens, columns] rearranged for matrix products: panels of a few tokens, in each panel feature after
/// feature, the panel's tokens side by side. A tile then reads one feature of all its tokens with one load.
/// </summary>
/// <remarks>The last panels are narrower, so that few lanes are wasted; lanes beyond the last token are zero.</remarks>
internal readonly ref struct TokenPanels
{
    private readonly Span<float> _data;

    private TokenPanels(Span<float> data, int tokens, int columns)
    {
        _data = data;
        Tokens = tokens;
        Columns = columns;
    }

    /// <summary>Tokens without the filling.</summary>
    public int Tokens { get; }

    /// <summary>Features.</summary>
    public int Columns { get; }

    /// <summary>Tokens with the filling.</summary>
    public int PaddedTokens => Pad(Tokens);

    /// <summary>Lanes of a vector, and the tokens of the narrowest panel.</summary>
    public static int Lanes => FloatTile.Lanes;

    /// <summary>Tokens with the filling.</summary>
    public static int Pad(int tokens) => (tokens + Lanes - 1) / Lanes * Lanes;

    /// <summary>Tokens of the panel that begins at a token.</summary>
    public static int Width(int start, int paddedTokens)
    {
        int width = FloatTile.Tokens;
        while (width > paddedTokens - start)
            width /= 2;
        return width;
    }

    /// <summary>Panels to be filled feature by feature.</summary>
    /// <param name="tokens">Tokens without the filling.</param>
    /// <param name="columns">Features.</param>
    /// <param name="compute">The memory that the panels take until the caller's scope ends.</param>
    public static TokenPanels Create(int tokens, int columns, in ComputeContext compute) =>
        new(compute.Workspace.Floats(checked(Pad(tokens) * columns)), tokens, columns);

    /// <summary>Rearranges activations, split over the threads.</summary>
    /// <param name="x">[tokens, columns].</param>
    /// <param name="compute">Threads, and the memory that the panels take until the caller's scope ends.</param>
    public static TokenPanels Pack(MatrixSpan x, in ComputeContext compute)
    {
        TokenPanels panels = Create(x.Rows, x.Columns, compute);
        compute.Workers.Run(new Packing { X = x, Panels = panels }, panels.PaddedTokens / Lanes);
        return panels;
    }

    /// <summary>The panel that begins at a token: [columns, width].</summary>
    public Span<float> Panel(int start) => _data.Slice(start * Columns, Width(start, PaddedTokens) * Columns);

    /// <summary>Writes some features of all tokens: sums as a product leaves them.</summary>
    /// <param name="first">The first feature.</param>
    /// <param name="sums">[features, padded tokens].</param>
    public void Write(int first, MatrixSpan sums)
    {
        for (int token = 0; token < PaddedTokens; token += Width(token, PaddedTokens))
        {
            int width = Width(token, PaddedTokens);
            Span<float> panel = Panel(token)[(first * width)..];
            for (int row = 0; row < sums.Rows; row++)
                sums[row].Slice(token, width).CopyTo(panel[(row * width)..]);
        }
    }

    /// <summary>Item i are the tokens from i x Lanes on.</summary>
    private ref struct Packing : IParallelWork
    {
        public MatrixSpan X;
        public TokenPanels Panels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly unsafe void Execute(int start, int end, int worker)
        {
            int lanes = Lanes;
            for (int item = start; item < end; item++)
            {
                int token = item * lanes;
                int panelStart = 0;
                while (panelStart + Width(panelStart, Panels.PaddedTokens) <= token)
                    panelStart += Width(panelStart, Panels.PaddedTokens);
                int width = Width(panelStart, Panels.PaddedTokens);
                int rows = Math.Min(lanes, X.Rows - token);
                fixed (float* source = X.RowRange(token, rows).Data)
                fixed (float* panel = Panels.Panel(panelStart))
                    Transpose.Compute(source, X.Stride, rows, panel + (token - panelStart), width, X.Columns, lanes);
            }
        }
    }
}
