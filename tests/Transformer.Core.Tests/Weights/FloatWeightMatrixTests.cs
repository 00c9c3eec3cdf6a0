using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Numerics.Kernels;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

/// <summary>Rows of plain floats are multiplied several at a time; what comes out is what each gives by itself.</summary>
[Trait("Category", "Kernels")]
public sealed class FloatWeightMatrixTests
{
    public static TheoryData<string, int> Rows
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string format in new[] { "F32", "F16", "BF16" })
                foreach (int columns in (int[])[.. KernelCheck.Lengths.Where(length => length > 0), 128, 4113])
                    data.Add(format, columns);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_row_is_what_it_is_alone(string name, int columns)
    {
        WeightFormat format = WeightFormat.All.Single(format => format.Name == name);
        foreach (int rows in (int[])[1, 2, 3, 4, 5, 7, 8, 11, 16, 17])
        {
            Tensor tensor = Tensor(format, KernelCheck.Random(rows * columns, columns), rows, columns);
            float[] x = KernelCheck.Random(3 * columns, rows);
            float[] expected = Alone(tensor, x, 3);
            foreach ((int first, int end) in new[] { (0, rows), (rows / 2, rows), (0, (rows + 1) / 2) })
            {
                float[] wanted = [.. expected.Where((_, i) => i % rows >= first && i % rows < end)];
                Multiply(tensor, x, 3, first, end).Should().Equal(wanted, "rows {0} to {1} of {2}, three tokens", first, end, rows);
                Multiply(tensor, x[..columns], 1, first, end).Should().Equal(wanted[..(end - first)], "rows {0} to {1} of {2}, one token", first, end, rows);
            }
        }
    }

    [Theory]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NaN)]
    public void A_value_that_is_not_finite_reaches_its_own_row_only(float value)
    {
        const int rows = 13, columns = 147;
        foreach (WeightFormat format in new[] { WeightFormat.Float32, WeightFormat.Float16, WeightFormat.BFloat16 })
        {
            float[] weights = KernelCheck.Random(rows * columns, 1), x = [.. Enumerable.Repeat(1f, columns)];
            float[] finite = Multiply(Tensor(format, weights, rows, columns), x, 1, 0, rows);
            foreach (int place in (int[])[0, 64, 127, 130, 146])
            {
                for (int row = 0; row < rows; row++)
                {
                    float[] changed = [.. weights];
                    changed[(row * columns) + place] = value;
                    float[] y = Multiply(Tensor(format, changed, rows, columns), x, 1, 0, rows);
                    y[row].Should().Be(value, "{0}, row {1}, place {2}", format, row, place);
                    y[row] = finite[row];
                    y.Should().Equal(finite, "{0}, row {1}, place {2}", format, row, place);
                }
            }
        }
    }

    private static Tensor Tensor(WeightFormat format, float[] values, int rows, int columns)
    {
        TensorMemory memory = TensorMemory.FromValues(values, format);
        return new Tensor("w", new TensorShape(rows, columns), format, "test", () => memory);
    }

    private static float[] Multiply(Tensor tensor, float[] x, int tokens, int first, int end)
    {
        WeightMatrix weights = WeightMatrix.Create(tensor);
        float[] y = new float[tokens * (end - first)];
        using Workspace workspace = new();
        using WorkerPool workers = new(1);
        MatrixSpan values = new(x, tokens, weights.Columns);
        weights.MultiplyRows(new LinearInput(values, [weights], new ComputeContext(workers, workspace), asRows: true), new MatrixSpan(y, tokens, end - first), first, end);
        return y;
    }

    private static float[] Alone(Tensor tensor, float[] x, int tokens)
    {
        float[] y = new float[tokens * tensor.Shape.Rows];
        for (int i = 0; i < y.Length; i++)
            y[i] = tensor.Format.Accept(new DotOfRow(tensor, i % tensor.Shape.Rows, x[(i / tensor.Shape.Rows * tensor.Shape.Columns)..][..tensor.Shape.Columns]));
        return y;
    }

    private sealed class DotOfRow(Tensor tensor, int row, float[] x) : IWeightFormatVisitor<float>
    {
        public float Visit<TFormat>()
            where TFormat : struct, IBlockFormat
        {
            int rowBytes = tensor.Shape.Columns * TFormat.BlockBytes;
            return TFormat.Dot(tensor.Open().Slice(row * rowBytes, rowBytes), x);
        }
    }
}
