using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Tests.Numerics.Kernels;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Numerics;

/// <summary>Kernels on rows that end at an inaccessible page: one that touches a byte beyond its row ends the test process.</summary>
[Trait("Category", "Kernels")]
public sealed unsafe class GuardPageTests
{
    public static TheoryData<int> Lengths => KernelCheck.LengthData;

    public static TheoryData<string> Formats => [.. WeightFormat.All.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Formats_stay_within_their_rows(string name)
    {
        if (GuardedMemory.IsSupported)
            WeightFormat.All.Single(format => format.Name == name).Accept(new RunFormat()).Should().BeTrue();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(13, 1)]
    [InlineData(49, 1)]
    [InlineData(7, 2)]
    [InlineData(49, 17)]
    [InlineData(53, 33)]
    [InlineData(13, 64)]
    public void Products_stay_within_their_matrices(int outputs, int tokens)
    {
        if (!GuardedMemory.IsSupported)
            return;
        foreach (WeightFormat format in WeightFormat.All)
        {
            int inputs = format.BlockLength == 1 ? 77 : 3 * format.BlockLength;
            using GuardedMemory weights = new((int)format.BytesFor(inputs) * outputs), x = Floats(tokens * inputs), y = Floats(tokens * outputs);
            for (int row = 0; row < outputs; row++)
                format.Encode(KernelCheck.Random(inputs, row), weights.Bytes.Slice(row * (int)format.BytesFor(inputs), (int)format.BytesFor(inputs)));
            Tensor tensor = new("w", new TensorShape(outputs, inputs), format, "guarded", () => new TensorMemory(weights.Pointer, weights.Length, null));
            using Workspace workspace = new();
            using WorkerPool workers = new(1);
            new Linear([WeightMatrix.Create(tensor)]).Forward(new MatrixSpan(x.Floats, tokens, inputs), new MatrixSpan(y.Floats, tokens, outputs), new ComputeContext(workers, workspace));
            y.Floats.ToArray().Should().OnlyContain(value => float.IsFinite(value));
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Kernels_stay_within_their_rows(int length)
    {
        if (!GuardedMemory.IsSupported)
            return;
        using GuardedMemory x = Floats(length), y = Floats(length), w = Floats(length), b = Floats(length);
        Exp.Compute(x.Floats, y.Floats);
        Erf.Compute(x.Floats, y.Floats);
        Gelu.Exact(x.Floats, y.Floats);
        Gelu.Tanh(x.Floats, y.Floats);
        Silu.Compute(x.Floats, y.Floats);
        Relu.Compute(x.Floats, y.Floats);
        Add.Compute(x.Floats, y.Floats);
        Multiply.Compute(x.Floats, y.Floats);
        ScaledAdd.Compute(0.5f, x.Floats, y.Floats);
        DotProduct.Compute(x.Floats, y.Floats);
        if (length == 0)
            return;
        Softmax.Compute(y.Floats);
        LogSumExp.Compute(x.Floats);
        Maximum.Of(x.Floats);
        ArgMax.Compute(x.Floats);
        RmsNorm.Compute(x.Floats, w.Floats, 1e-5f, y.Floats);
        LayerNorm.Compute(x.Floats, w.Floats, b.Floats, 1e-5f, y.Floats);
        y.Floats.ToArray().Should().OnlyContain(value => float.IsFinite(value));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(5, 33)]
    [InlineData(17, 64)]
    [InlineData(33, 130)]
    public void Rows_of_attention_stay_within_their_cache(int rows, int columns)
    {
        if (!GuardedMemory.IsSupported)
            return;
        using GuardedMemory matrix = Floats(rows * columns), x = Floats(columns), scores = Floats(rows);
        RowDots.Compute(new MatrixSpan(matrix.Floats, rows, columns), x.Floats, 0.5f, scores.Floats);
        WeightedRows.Compute(scores.Floats, new MatrixSpan(matrix.Floats, rows, columns), x.Floats);
        x.Floats.ToArray().Should().OnlyContain(value => float.IsFinite(value));
        foreach (RopePairing pairing in Enum.GetValues<RopePairing>())
        {
            using GuardedMemory vector = Floats(2 * columns), cos = Floats(columns), sin = Floats(columns);
            Rope.Rotate(vector.Floats, cos.Floats, sin.Floats, pairing);
        }
    }

    private static GuardedMemory Floats(int count)
    {
        GuardedMemory memory = new(count * sizeof(float));
        KernelCheck.Random(count, count).CopyTo(memory.Floats);
        return memory;
    }

    private sealed class RunFormat : IWeightFormatVisitor<bool>
    {
        public bool Visit<TFormat>()
            where TFormat : struct, IBlockFormat
        {
            foreach (int blocks in TFormat.BlockLength == 1 ? KernelCheck.Lengths : [1, 2, 3, 5, 17])
            {
                using GuardedMemory row = new(blocks * TFormat.BlockBytes), x = Floats(blocks * TFormat.BlockLength), y = Floats(blocks * TFormat.BlockLength);
                TFormat.Encode(x.Floats, row.Bytes);
                TFormat.Decode(row.Bytes, y.Floats);
                TFormat.DecodeScalar(row.Bytes, y.Floats);
                if (!float.IsFinite(TFormat.Dot(row.Bytes, x.Floats)))
                    return false;
            }
            return true;
        }
    }
}
