using System.Runtime.Intrinsics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Tests.Numerics.Quantization;

[Trait("Category", "Kernels")]
public unsafe class Products128Tests
{
    [Fact]
    public void Sums_of_products_equal_the_scalar_references_at_the_largest_values_too()
    {
        if (!Products128.IsSupported)
            return;
        Random random = new(7);
        byte* w = stackalloc byte[16];
        sbyte* q = stackalloc sbyte[16];
        short* w16 = stackalloc short[8], q16 = stackalloc short[8];
        int* expected = stackalloc int[4];
        for (int repetition = 0; repetition < 100; repetition++)
        {
            Vector128<int> fours = Vector128.Create(5), byPairs = fours, first = fours, second = default;
            new Span<int>(expected, 4).Fill(5);
            for (int step = 0; step < 3; step++)
            {
                for (int i = 0; i < 16; i++)
                {
                    w[i] = (byte)(repetition < 2 ? 63 : random.Next(64));
                    q[i] = (sbyte)(repetition == 0 ? 127 : repetition == 1 ? -127 : random.Next(-127, 128));
                }
                fours = Products128.AddFours(fours, Vector128.Load(w), Vector128.Load(q));
                byPairs += Products128.Fours(Products128.Pairs(Vector128.Load(w), Vector128.Load(q)));
                Products128.AddFoursScalar(expected, w, q);
            }
            Same(fours, expected);
            Same(byPairs, expected);

            new Span<int>(expected, 4).Fill(5);
            for (int step = 0; step < 16; step++)
            {
                for (int i = 0; i < 8; i++)
                {
                    w16[i] = (short)(repetition < 2 ? -128 : random.Next(-128, 128));
                    q16[i] = (short)(repetition == 0 ? 32767 : repetition == 1 ? -32767 : random.Next(-32767, 32768));
                }
                first = Products128.AddFirst(first, Vector128.Load(w16), Vector128.Load(q16));
                second = Products128.AddSecond(second, Vector128.Load(w16), Vector128.Load(q16));
                Products128.AddPairsScalar(expected, w16, q16);
            }

            // The sums began at 5, which where lanes are paired is not in the lanes where it was.
            Vector128<int> joined = Products128.Join(first, second) - Products128.Join(Vector128.Create(5), default) + Vector128.Create(5);
            Same(joined, expected);
        }
    }

    [Fact]
    public void Signed_bytes_widen_in_order()
    {
        if (!Products128.IsSupported)
            return;
        sbyte* bytes = stackalloc sbyte[8] { -128, 127, 0, -1, 1, 2, -3, 64 };
        Products128.Widen(bytes).Should().Be(Vector128.Create(-128, 127, 0, -1, 1, 2, -3, 64));
    }

    private static void Same(Vector128<int> lanes, int* expected) => lanes.Should().Be(Vector128.Load(expected));
}
