using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Interleaved;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

/// <summary>Rows side by side hold the same bits as the file's; what cannot stand side by side stays where it is.</summary>
[Trait("Category", "Kernels")]
public sealed class InterleaverTests : IDisposable
{
    private readonly WorkerPool _workers = new(2);

    public static TheoryData<string> Formats => ["Q4_0", "Q4_K", "Q6_K", "Q8_0"];

    public void Dispose() => _workers.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void Rows_decode_to_the_same_floats(string name)
    {
        Tensor tensor = Random(name, 48, 1280);
        WeightMatrix inPlace = WeightMatrix.Create(tensor), interleaved = WeightMatrix.Create(tensor, tensor.Open(), new Interleaver(_workers, all: true));
        float[] expected = new float[1280], found = new float[1280];
        for (int row = 0; row < 48; row++)
        {
            inPlace.DecodeRow(row, expected);
            interleaved.DecodeRow(row, found);
            found.Should().Equal(expected, "row {0}", row);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_part_of_the_rows_and_other_tokens_beside_change_no_bit(string name)
    {
        Tensor tensor = Random(name, 64, 768);
        WeightMatrix weights = WeightMatrix.Create(tensor, tensor.Open(), new Interleaver(_workers, all: true));
        if (!InterleavedQ4_0.IsSupported)
            return;
        Random random = new(1);
        float[] x = [.. Enumerable.Range(0, 17 * 768).Select(_ => random.NextSingle() - 0.5f)];
        float[] all = [.. Enumerable.Range(0, 17).SelectMany(token => Multiply(weights, x[(token * 768)..((token + 1) * 768)], 1, 0, 64))];
        for (int tokens = 2; tokens <= 17; tokens++)
        {
            Multiply(weights, x[..(tokens * 768)], tokens, 0, 64).Should().Equal(all[..(tokens * 64)], "{0} tokens", tokens);
            foreach ((int first, int end) in new[] { (0, 1), (15, 17), (5, 64), (30, 31), (16, 48) })
                Multiply(weights, x[..(tokens * 768)], tokens, first, end).Should().Equal(all.Take(tokens * 64).Where((_, i) => i % 64 >= first && i % 64 < end), "{2} tokens, rows {0} to {1}", first, end, tokens);
        }

        // An odd number of groups, and a single one: those of the first half and of the second are multiplied side by side.
        foreach ((int first, int end) in new[] { (0, 16), (0, 48), (16, 64), (48, 64) })
            Multiply(weights, x[..768], 1, first, end).Should().Equal(all[first..end], "rows {0} to {1} of one token", first, end);
    }

    [Theory]
    [InlineData("Q4_0", 16, true)]
    [InlineData("Q4_0", 17, false)]
    [InlineData("Q4_K", 32, true)]
    [InlineData("Q4_K", 8, false)]
    [InlineData("Q8_0", 48, true)]
    [InlineData("F32", 16, false)]
    public void Only_whole_groups_of_rows_stand_side_by_side(string name, int rows, bool expected)
    {
        Tensor tensor = Random(name, rows, 256);
        bool interleaved = WeightMatrix.Create(tensor, tensor.Open(), new Interleaver(_workers, all: true)).GetType() != WeightMatrix.Create(tensor).GetType();
        interleaved.Should().Be(expected && InterleavedQ4_0.IsSupported);
    }

    [Theory]
    [InlineData("Q4_0", 0x7C00, 0)]
    [InlineData("Q4_0", 0xFE01, 0)]
    [InlineData("Q4_K", 0xFC00, 0)]
    [InlineData("Q4_K", 0x7E00, 2)]
    [InlineData("Q6_K", 0x7C00, 208)]
    [InlineData("Q8_0", 0x7E00, 0)]
    public void A_scale_that_is_not_finite_keeps_the_matrix_in_place_and_is_not_lost(string name, int half, int at)
    {
        Tensor tensor = Random(name, 32, 512);
        TensorMemory memory = TensorMemory.Allocate(tensor.SizeInBytes, out Span<byte> bytes);
        tensor.Open().Slice(0, bytes.Length).CopyTo(bytes);
        int rowBytes = (int)tensor.Format.BytesFor(512);
        BitConverter.TryWriteBytes(bytes[((20 * rowBytes) + tensor.Format.BlockBytes + at)..], (ushort)half);
        WeightMatrix weights = WeightMatrix.Create(tensor with { Open = () => memory }, memory, new Interleaver(_workers, all: true));
        weights.GetType().Should().Be(WeightMatrix.Create(tensor).GetType());
        float[] x = new float[512];
        Array.Fill(x, 0.5f);
        float[] y = Multiply(weights, x, 1, 0, 32);
        y.Where((_, row) => row != 20).Should().OnlyContain(value => float.IsFinite(value));
        float.IsFinite(y[20]).Should().BeFalse();
    }

    private static float[] Multiply(WeightMatrix weights, float[] x, int tokens, int first, int end)
    {
        float[] y = new float[tokens * (end - first)];
        using Workspace workspace = new();
        using WorkerPool workers = new(1);
        MatrixSpan values = new(x, tokens, weights.Columns);
        weights.MultiplyRows(new LinearInput(values, [weights], new ComputeContext(workers, workspace), asRows: true), new MatrixSpan(y, tokens, end - first), first, end);
        return y;
    }

    private static Tensor Random(string name, int rows, int columns) =>
        new RandomWeights(7, WeightFormat.All.Single(format => format.Name == name)).Find("w", new TensorShape(rows, columns))!;
}
