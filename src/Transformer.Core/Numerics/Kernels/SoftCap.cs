using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics.Kernels;

/// <summary>Bends values smoothly into (−cap, cap): cap·tanh(x/cap).</summary>
/// <remarks>Gemma 2 caps the scores of attention and the logits (Gemma Team 2024, arXiv:2408.00118). Within 3e-7·cap of the exact value; ±infinity become ±cap, NaN stays NaN.</remarks>
public static class SoftCap
{
    /// <summary>row[i] = cap·tanh(scale·row[i]/cap).</summary>
    /// <param name="row">[n], replaced; may be empty.</param>
    /// <param name="cap">Largest magnitude, above 0.</param>
    /// <param name="scale">Factor on every value first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(Span<float> row, float cap, float scale = 1)
    {
        ref float start = ref MemoryMarshal.GetReference(row);
        Vector<float> limit = Vector.Create(cap), twice = Vector.Create(2 * cap), factor = Vector.Create(2 * scale / cap);
        nint width = Vector<float>.Count;
        nint length = row.Length;
        nint i = 0;
        for (; i <= length - width; i += width)
            VectorMemory.Store(Of(VectorMemory.Load(ref start, i), limit, twice, factor), ref start, i);
        if (i < length)
            VectorMemory.StorePart(Of(VectorMemory.LoadPart(ref start, i, length - i, 0), limit, twice, factor), ref start, i, length - i);
    }

    /// <summary>The scalar reference of <see cref="Compute"/>, in double precision.</summary>
    public static void Scalar(Span<float> row, float cap, float scale = 1)
    {
        for (int i = 0; i < row.Length; i++)
            row[i] = (float)(cap * Math.Tanh((double)row[i] * scale / cap));
    }

    /// <summary>cap − 2·cap/(e^(2x/cap) + 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Of(Vector<float> x, Vector<float> limit, Vector<float> twice, Vector<float> factor) =>
        limit - (twice / (Exp.Of(x * factor) + Vector<float>.One));
}
