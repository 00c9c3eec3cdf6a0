using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Positions;

/// <summary>
/// Cosines and sines of position x frequency. A position is a multiple of <see cref="Steps"/>, whose angles are
/// computed, and some steps, whose angles stand in a table; cos(a + b) = cos a·cos b − sin a·sin b joins the two.
/// </summary>
/// <remarks>
/// In double: a float has no digits left for the angle at position 100,000. A result depends on its position alone,
/// not on the one before. Immutable.
/// </remarks>
internal sealed class RotaryAngles
{
    private const int Steps = 32;

    private readonly double[] _frequencies;
    private readonly double[] _stepCosines;
    private readonly double[] _stepSines;

    /// <summary>Angles of some frequencies; cosines and sines are multiplied by a magnitude.</summary>
    public RotaryAngles(double[] frequencies, double magnitude)
    {
        _frequencies = frequencies;
        _stepCosines = new double[Steps * frequencies.Length];
        _stepSines = new double[Steps * frequencies.Length];
        for (int i = 0; i < _stepCosines.Length; i++)
        {
            (double sine, double cosine) = Math.SinCos(i / frequencies.Length * frequencies[i % frequencies.Length]);
            _stepCosines[i] = cosine * magnitude;
            _stepSines[i] = sine * magnitude;
        }
    }

    /// <summary>Number of frequencies.</summary>
    public int Count => _frequencies.Length;

    /// <summary>The multiple of <see cref="Steps"/> below a position, whose angles <see cref="Compute"/> wants.</summary>
    public static int Start(int position) => position & ~(Steps - 1);

    /// <summary>The angles of a multiple of <see cref="Steps"/>.</summary>
    /// <param name="start">The position.</param>
    /// <param name="cosines">[Count].</param>
    /// <param name="sines">[Count].</param>
    public void ComputeStart(int start, Span<double> cosines, Span<double> sines)
    {
        for (int i = 0; i < _frequencies.Length; i++)
            (sines[i], cosines[i]) = Math.SinCos(start * _frequencies[i]);
    }

    /// <summary>The angles of a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="startCosines">[Count] those of its <see cref="Start"/>.</param>
    /// <param name="startSines">[Count].</param>
    /// <param name="cosines">[Count], overwritten.</param>
    /// <param name="sines">[Count], overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Compute(int position, ReadOnlySpan<double> startCosines, ReadOnlySpan<double> startSines, Span<float> cosines, Span<float> sines)
    {
        int count = _frequencies.Length, step = (position & (Steps - 1)) * count;
        ref double c = ref MemoryMarshal.GetReference(startCosines), s = ref MemoryMarshal.GetReference(startSines);
        ref double stepC = ref _stepCosines[step], stepS = ref _stepSines[step];
        ref float cosine = ref MemoryMarshal.GetReference(cosines[..count]), sine = ref MemoryMarshal.GetReference(sines[..count]);
        nint width = Vector<double>.Count;
        nint i = 0;
        for (; i <= count - (2 * width); i += 2 * width)
        {
            (Vector<double> c0, Vector<double> s0) = Join(ref c, ref s, ref stepC, ref stepS, i);
            (Vector<double> c1, Vector<double> s1) = Join(ref c, ref s, ref stepC, ref stepS, i + width);
            VectorMemory.Store(Vector.Narrow(c0, c1), ref cosine, i);
            VectorMemory.Store(Vector.Narrow(s0, s1), ref sine, i);
        }
        for (; i < count; i++)
        {
            double a = Unsafe.Add(ref c, i), b = Unsafe.Add(ref s, i), x = Unsafe.Add(ref stepC, i), y = Unsafe.Add(ref stepS, i);
            Unsafe.Add(ref cosine, i) = (float)((a * x) - (b * y));
            Unsafe.Add(ref sine, i) = (float)((b * x) + (a * y));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<double> Cosines, Vector<double> Sines) Join(ref double c, ref double s, ref double stepC, ref double stepS, nint i)
    {
        Vector<double> a = Vector.LoadUnsafe(ref c, (nuint)i), b = Vector.LoadUnsafe(ref s, (nuint)i);
        Vector<double> x = Vector.LoadUnsafe(ref stepC, (nuint)i), y = Vector.LoadUnsafe(ref stepS, (nuint)i);
        return ((a * x) - (b * y), (b * x) + (a * y));
    }
}
