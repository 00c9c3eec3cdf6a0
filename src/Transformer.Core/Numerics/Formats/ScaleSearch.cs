using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Transformer.Core.Numerics.Formats;

/// <summary>
/// Finds the scale (and the minimum) with which a group of values is stored with the smallest sum of squared errors.
/// Sixteen candidates are tried at once, one a lane; for the levels that each leads to, least squares gives the best
/// scale; a second, finer round follows around the winner.
/// </summary>
/// <remarks>
/// All values count alike: where nothing is known of the activations, the error of a product is the error of the
/// weights. Sums are rounded after each step on every processor, so the same values give the same bytes everywhere.
/// </remarks>
[SkipLocalsInit]
internal static unsafe class ScaleSearch<TLevels>
    where TLevels : struct, ILevels
{
    /// <summary>Candidates tried at once.</summary>
    public const int Lanes = 16;

    private const float FineStep = 0.006f;

    /// <summary>x ≈ scale·level.</summary>
    /// <returns>The scale; its sign is chosen so that the largest magnitude meets the lowest level.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Linear(ReadOnlySpan<float> x)
    {
        float peak = 0;
        foreach (float value in x)
            peak = MathF.Abs(value) > MathF.Abs(peak) ? value : peak;
        if (peak == 0)
            return 0;
        float* inverse = stackalloc float[Lanes];
        float* scales = stackalloc float[Lanes];
        float* gains = stackalloc float[Lanes];
        float best = peak / TLevels.Lowest;
        for (int i = 0; i < Lanes; i++)
            inverse[i] = (TLevels.Lowest + (TLevels.Spread * (i - 8) / 8)) / peak;
        float gain = 0;
        for (int round = 0; round < 2; round++)
        {
            LinearRound(x, inverse, scales, gains);
            for (int i = 0; i < Lanes; i++)
            {
                if (gains[i] > gain)
                {
                    gain = gains[i];
                    best = scales[i];
                }
            }
            for (int i = 0; i < Lanes; i++)
                inverse[i] = (1 + (FineStep * (i - 8))) / best;
        }
        return best;
    }

    /// <summary>x ≈ scale·level - minimum, where neither is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Affine(ReadOnlySpan<float> x, out float scale, out float minimum)
    {
        float low = 0, high = x[0], sum = 0;
        foreach (float value in x)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
            sum += value;
        }
        scale = 0;
        minimum = -low;
        if (high <= low)
            return;
        float* inverse = stackalloc float[Lanes];
        float* sums = stackalloc float[3 * Lanes];
        float smallest = float.PositiveInfinity;
        for (int i = 0; i < Lanes; i++)
            inverse[i] = (TLevels.Highest + (TLevels.Spread * (i - 8) / 8)) / (high - low);
        scale = (high - low) / TLevels.Highest;
        for (int round = 0; round < 2; round++)
        {
            AffineRound(x, -minimum, inverse, sums);
            float bestScale = scale, bestMinimum = minimum;
            for (int i = 0; i < Lanes; i++)
            {
                float error = Solve(x.Length, sum, sums[i], sums[Lanes + i], sums[(2 * Lanes) + i], out float s, out float m);
                if (error < smallest)
                {
                    smallest = error;
                    (bestScale, bestMinimum) = (s, m);
                }
            }
            (scale, minimum) = (bestScale, bestMinimum);
            for (int i = 0; i < Lanes; i++)
                inverse[i] = (1 + (FineStep * (i - 8))) / scale;
        }
    }

    /// <summary>Of sixteen scales and minimums the pair with the smallest error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Best(ReadOnlySpan<float> x, float* scales, float* minimums)
    {
        float* errors = stackalloc float[Lanes];
        for (int half = 0; half < Lanes; half += 8)
        {
            Vector256<float> scale = Vector256.Load(scales + half), minimum = Vector256.Load(minimums + half);
            Vector256<float> inverse = Inverse(scale), error = default;
            foreach (float value in x)
            {
                Vector256<float> target = Vector256.Create(value);
                Vector256<float> difference = target + minimum - (scale * TLevels.Nearest((target + minimum) * inverse));
                error += difference * difference;
            }
            error.Store(errors + half);
        }
        int best = 0;
        for (int i = 1; i < Lanes; i++)
            best = errors[i] < errors[best] ? i : best;
        return best;
    }

    /// <summary>The levels next to (x + minimum) / scale, a multiple of eight of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Quantize(ReadOnlySpan<float> x, float scale, float minimum, Span<sbyte> levels)
    {
        Vector256<float> inverse = Inverse(Vector256.Create(scale));
        for (int i = 0; i < x.Length; i += 8)
        {
            Vector256<int> q = Vector256.ConvertToInt32(TLevels.Nearest((Vector256.Create(x.Slice(i, 8)) + Vector256.Create(minimum)) * inverse));
            for (int lane = 0; lane < 8; lane++)
                levels[i + lane] = (sbyte)q[lane];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Inverse(Vector256<float> scale)
    {
        // The reciprocal of a very small scale would be infinite, and zero times infinity is no level.
        Vector256<float> usable = Vector256.GreaterThan(Vector256.Abs(scale), Vector256.Create(1e-37f));
        return Vector256.ConditionalSelect(usable, Vector256<float>.One / scale, Vector256<float>.Zero);
    }

    /// <summary>For each candidate the best scale, and by how much it lowers the error below Σx².</summary>
    private static void LinearRound(ReadOnlySpan<float> x, float* inverse, float* scales, float* gains)
    {
        for (int half = 0; half < Lanes; half += 8)
        {
            Vector256<float> factor = Vector256.Load(inverse + half), products = default, squares = default;
            foreach (float value in x)
            {
                Vector256<float> target = Vector256.Create(value);
                Vector256<float> level = TLevels.Nearest(target * factor);
                products += target * level;
                squares += level * level;
            }
            Vector256<float> scale = products / squares;
            scale.Store(scales + half);
            (products * scale).Store(gains + half);
        }
    }

    /// <summary>For each candidate the sums of the levels, of their squares, and of their products with x.</summary>
    private static void AffineRound(ReadOnlySpan<float> x, float low, float* inverse, float* sums)
    {
        for (int half = 0; half < Lanes; half += 8)
        {
            Vector256<float> factor = Vector256.Load(inverse + half), total = default, squares = default, products = default;
            foreach (float value in x)
            {
                Vector256<float> level = TLevels.Nearest(Vector256.Create(value - low) * factor);
                total += level;
                squares += level * level;
                products += Vector256.Create(value) * level;
            }
            total.Store(sums + half);
            squares.Store(sums + Lanes + half);
            products.Store(sums + (2 * Lanes) + half);
        }
    }

    /// <summary>Least squares for fixed levels.</summary>
    /// <returns>The error without Σx².</returns>
    private static float Solve(int count, float sum, float levels, float squares, float products, out float scale, out float minimum)
    {
        float determinant = (count * squares) - (levels * levels);
        scale = ((count * products) - (levels * sum)) / determinant;
        minimum = ((levels * products) - (squares * sum)) / determinant;
        if (!(determinant > 0) || !(scale > 0) || minimum < 0)
        {
            // The minimum is at its bound.
            minimum = 0;
            scale = products / squares;
        }
        if (!(scale > 0) || !float.IsFinite(scale))
            return float.PositiveInfinity;
        return (scale * scale * squares) + (count * minimum * minimum) - (2 * scale * minimum * levels) - (2 * scale * products) + (2 * minimum * sum);
    }
}
