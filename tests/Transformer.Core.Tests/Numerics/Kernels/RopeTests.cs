using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Tests.Numerics.Kernels;

[Trait("Category", "Kernels")]
public class RopeTests
{
    private static readonly float[] Cos = [.. KernelCheck.Random(1001, 5, Math.PI).Select(MathF.Cos)];
    private static readonly float[] Sin = [.. KernelCheck.Random(1001, 5, Math.PI).Select(MathF.Sin)];

    [Theory]
    [MemberData(nameof(KernelCheck.LengthData), MemberType = typeof(KernelCheck))]
    public void Agrees_with_the_scalar_twin(int length)
    {
        foreach (RopePairing pairing in Enum.GetValues<RopePairing>())
        {
            // All of the vector, and a part of it.
            KernelCheck.Row(length, Rotation(1, pairing), Twin(1, pairing), 1e-6);
            KernelCheck.Row(length, Rotation(2, pairing), Twin(2, pairing), 1e-6);
        }
    }

    [Fact]
    public void Turns_the_pairs_that_the_pairing_names()
    {
        // A quarter turn: (a, b) becomes (-b, a).
        float[] neighbours = [1, 2, 3, 4, 99], halves = [1, 2, 3, 4, 99];
        Rope.Rotate(neighbours, [0, 0], [1, 1], RopePairing.Interleaved);
        Rope.Rotate(halves, [0, 0], [1, 1], RopePairing.HalfSplit);
        neighbours.Should().Equal(-2, 1, -4, 3, 99);
        halves.Should().Equal(-3, -4, 1, 2, 99);
    }

    [Fact]
    public void Both_pairings_compute_the_same_bits_for_the_same_pairs()
    {
        const int Pairs = 37;
        float[] neighbours = KernelCheck.Random(2 * Pairs, 9);
        float[] halves = new float[2 * Pairs];
        for (int i = 0; i < Pairs; i++)
            (halves[i], halves[i + Pairs]) = (neighbours[2 * i], neighbours[(2 * i) + 1]);
        Rope.Rotate(neighbours, Cos.AsSpan(0, Pairs), Sin.AsSpan(0, Pairs), RopePairing.Interleaved);
        Rope.Rotate(halves, Cos.AsSpan(0, Pairs), Sin.AsSpan(0, Pairs), RopePairing.HalfSplit);
        for (int i = 0; i < Pairs; i++)
            (halves[i], halves[i + Pairs]).Should().Be((neighbours[2 * i], neighbours[(2 * i) + 1]));
    }

    [Theory]
    [InlineData(RopePairing.Interleaved)]
    [InlineData(RopePairing.HalfSplit)]
    public void Keeps_the_length_and_turns_back(RopePairing pairing)
    {
        float[] original = KernelCheck.Random(128, 4), vector = [.. original];
        float[] back = [.. Sin.Take(64).Select(s => -s)];
        Rope.Rotate(vector, Cos.AsSpan(0, 64), Sin.AsSpan(0, 64), pairing);
        vector.Sum(v => (double)v * v).Should().BeApproximately(original.Sum(v => (double)v * v), 1e-5);
        Rope.Rotate(vector, Cos.AsSpan(0, 64), back, pairing);
        KernelCheck.Close(vector, original, 1e-6);
    }

    [Fact]
    public void Infinity_and_NaN_stay_in_their_pair()
    {
        foreach (RopePairing pairing in Enum.GetValues<RopePairing>())
        {
            float[] vector = KernelCheck.Random(64, 4);
            vector[4] = float.NaN;
            vector[21] = float.PositiveInfinity;
            Rope.Rotate(vector, Cos.AsSpan(0, 32), Sin.AsSpan(0, 32), pairing);
            vector.Count(v => !float.IsFinite(v)).Should().Be(4);
        }
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        FluentActions.Invoking(() => Rope.Rotate(new float[8], new float[4], new float[3], RopePairing.HalfSplit)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Rope.Rotate(new float[7], new float[4], new float[4], RopePairing.HalfSplit)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => Rope.Rotate(new float[8], new float[4], new float[4], (RopePairing)2)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Allocates_nothing()
    {
        KernelCheck.AllocatesNothing(Rotation(1, RopePairing.Interleaved));
        KernelCheck.AllocatesNothing(Rotation(1, RopePairing.HalfSplit));
    }

    private static RowKernel Rotation(int part, RopePairing pairing) => (x, y) =>
    {
        x.CopyTo(y);
        Rope.Rotate(y, Cos.AsSpan(0, x.Length / 2 / part), Sin.AsSpan(0, x.Length / 2 / part), pairing);
    };

    private static RowKernel Twin(int part, RopePairing pairing) => (x, y) =>
    {
        x.CopyTo(y);
        Rope.Scalar(y, Cos.AsSpan(0, x.Length / 2 / part), Sin.AsSpan(0, x.Length / 2 / part), pairing);
    };
}
