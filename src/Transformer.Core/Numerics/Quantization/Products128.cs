using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Quantization;

/// <summary>
/// Sums of products of integers in 128-bit vectors, by the instructions of x64 (SSSE3, SSE4.1) or of Arm64 (sdot where
/// there is one). Every form is exact, and lane i is the same sum in all of them.
/// </summary>
internal static unsafe class Products128
{
    /// <summary>Whether this processor has one of the forms.</summary>
    public static bool IsSupported => Sse41.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>Whether <see cref="AddFours"/> is a single instruction, so that nothing is gained by adding up <see cref="Pairs"/> first.</summary>
    public static bool HasFours => Dp.IsSupported;

    /// <summary>Lane i: w[2i]·q[2i] + w[2i + 1]·q[2i + 1].</summary>
    /// <param name="w">0 to 127.</param>
    /// <param name="q">-127 to 127; the sums must fit 16 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Pairs(Vector128<byte> w, Vector128<sbyte> q)
    {
        if (Ssse3.IsSupported)
            return Ssse3.MultiplyAddAdjacent(w, q);
        Vector128<sbyte> signed = w.AsSByte();
        return AdvSimd.Arm64.AddPairwise(AdvSimd.MultiplyWideningLower(signed.GetLower(), q.GetLower()), AdvSimd.MultiplyWideningUpper(signed, q));
    }

    /// <summary>Lane i: pairs[2i] + pairs[2i + 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Fours(Vector128<short> pairs) =>
        Sse2.IsSupported ? Sse2.MultiplyAddAdjacent(pairs, Vector128<short>.One) : AdvSimd.AddPairwiseWidening(pairs);

    /// <summary>Lane i: sum[i] + the products of the bytes 4i to 4i + 3; parameters as in <see cref="Pairs"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddFours(Vector128<int> sum, Vector128<byte> w, Vector128<sbyte> q) =>
        Dp.IsSupported ? Dp.DotProduct(sum, w.AsSByte(), q) : sum + Fours(Pairs(w, q));

    /// <summary>The scalar reference of <see cref="AddFours"/>.</summary>
    public static void AddFoursScalar(int* sum, byte* w, sbyte* q)
    {
        for (int i = 0; i < 16; i++)
            sum[i / 4] += w[i] * q[i];
    }

    /// <summary>Adds products of 16-bit integers to two sums, of which this is the first; only <see cref="Join"/> knows what each holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddFirst(Vector128<int> sum, Vector128<short> w, Vector128<short> q) =>
        Sse2.IsSupported ? sum + Sse2.MultiplyAddAdjacent(w, q) : AdvSimd.MultiplyWideningLowerAndAdd(sum, w.GetLower(), q.GetLower());

    /// <summary>The second of the two sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> AddSecond(Vector128<int> sum, Vector128<short> w, Vector128<short> q) =>
        Sse2.IsSupported ? sum : AdvSimd.MultiplyWideningUpperAndAdd(sum, w, q);

    /// <summary>Lane i: what all those w[2i]·q[2i] + w[2i + 1]·q[2i + 1] add up to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Join(Vector128<int> first, Vector128<int> second) =>
        Sse2.IsSupported ? first : AdvSimd.Arm64.AddPairwise(first, second);

    /// <summary>The scalar reference of <see cref="AddFirst"/> and <see cref="AddSecond"/>, joined.</summary>
    public static void AddPairsScalar(int* sum, short* w, short* q)
    {
        for (int i = 0; i < 8; i++)
            sum[i / 2] += w[i] * q[i];
    }

    /// <summary>Eight signed bytes as 16-bit integers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<short> Widen(sbyte* bytes) =>
        Sse41.IsSupported ? Sse41.ConvertToVector128Int16(bytes) : AdvSimd.SignExtendWideningLower(Vector64.Load(bytes));
}
