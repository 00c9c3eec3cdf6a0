using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

public sealed class LinearTests
{
    private static WeightMatrix Matrix(string name, int rows, int columns, WeightFormat? format = null) =>
        WeightMatrix.Create(new RandomWeights(5, format).Find(name, new TensorShape(rows, columns))!);

    private static float[] Run(Linear linear, float[] x, int tokens, int threads = 1)
    {
        using WorkerPool workers = new(threads);
        using Workspace workspace = new();
        float[] y = new float[tokens * linear.Outputs];
        linear.Forward(new MatrixSpan(x, tokens, linear.Inputs), new MatrixSpan(y, tokens, linear.Outputs), new ComputeContext(workers, workspace));
        return y;
    }

    private static float[] Input(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Cos(i * 0.7f))];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(5, 1)]
    [InlineData(5, 3)]
    public void Parts_side_by_side_equal_the_parts_alone_bit_for_bit(int tokens, int threads)
    {
        const int inputs = 64;
        WeightMatrix[] parts = [Matrix("q", 7, inputs), Matrix("k", 3, inputs, WeightFormat.Q8_0), Matrix("v", 301, inputs, WeightFormat.Float16)];
        float[] bias = Input(311);
        float[] x = Input(tokens * inputs);

        float[] together = Run(new Linear(parts, bias), x, tokens, threads);

        int column = 0;
        foreach (WeightMatrix part in parts)
        {
            float[] alone = Run(new Linear([part], bias[column..(column + part.Rows)]), x, tokens);
            for (int token = 0; token < tokens; token++)
                together.AsSpan((token * 311) + column, part.Rows).SequenceEqual(alone.AsSpan(token * part.Rows, part.Rows)).Should().BeTrue($"{part.Tensor.Name}, token {token}");
            column += part.Rows;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(40)]
    public void Parts_of_formats_that_differ_in_what_is_many_equal_the_parts_alone(int tokens)
    {
        const int inputs = 256;
        using WorkerPool workers = new(2);
        WeightMatrix[] parts = [.. new[] { WeightFormat.Q4_K, WeightFormat.Q6_K, WeightFormat.Q8_0, WeightFormat.Q4_0, WeightFormat.Float32 }.Select(format =>
        {
            Tensor tensor = new RandomWeights(5, format).Find("w", new TensorShape(32, inputs))!;
            return WeightMatrix.Create(tensor, tensor.Open(), new Interleaver(workers, all: true));
        })];
        float[] x = Input(tokens * inputs);
        float[] together = Run(new Linear(parts), x, tokens, 2);
        for (int part = 0; part < parts.Length; part++)
        {
            float[] alone = Run(new Linear([parts[part]]), x, tokens);
            for (int token = 0; token < tokens; token++)
                together.AsSpan((token * 160) + (part * 32), 32).SequenceEqual(alone.AsSpan(token * 32, 32)).Should().BeTrue($"{parts[part].Tensor.Format}, token {token}");
        }
    }

    [Theory]
    [InlineData(3, "F32", "F32")]
    [InlineData(17, "F32", "F32")]
    [InlineData(64, "F16", "BF16")]
    [InlineData(117, "F32", "Q8_0")]
    [InlineData(117, "Q8_0", "F32")]
    [InlineData(117, "BF16", "BF16")]
    public void A_gated_map_and_the_one_behind_it_equal_the_two_alone_bit_for_bit(int tokens, string format, string nextFormat)
    {
        const int inputs = 96, width = 160, outputs = 50;
        using WorkerPool workers = new(3);
        using Workspace workspace = new();
        ComputeContext compute = new(workers, workspace);
        Linear gated = new([Matrix("gate", width, inputs, Named(format)), Matrix("up", width, inputs, Named(format))], Input(2 * width));
        Linear next = new([Matrix("down", outputs, width, Named(nextFormat))], Input(outputs));
        float[] x = Input(tokens * inputs), joined = new float[tokens * width], expected = new float[tokens * outputs], together = new float[tokens * outputs];

        gated.ForwardGated(new MatrixSpan(x, tokens, inputs), new MatrixSpan(joined, tokens, width), default(Product), compute);
        next.Forward(new MatrixSpan(joined, tokens, width), new MatrixSpan(expected, tokens, outputs), compute);
        gated.ForwardGated(new MatrixSpan(x, tokens, inputs), default(Product), next, new MatrixSpan(together, tokens, outputs), compute);

        together.Should().Equal(expected);
        ((Action)(() => gated.ForwardGated(new MatrixSpan(x, tokens, inputs), default(Product), next, new MatrixSpan(joined, tokens, width), compute)))
            .Should().Throw<ArgumentException>("y has as many columns as the next map has outputs");

        static WeightFormat Named(string name) => WeightFormat.All.Single(format => format.Name == name);
    }

    private readonly struct Product : IGate
    {
        public void Apply(Span<float> gate, ReadOnlySpan<float> up)
        {
            for (int i = 0; i < gate.Length; i++)
                gate[i] *= up[i];
        }
    }

    [Fact]
    public void Equals_the_sum_written_out()
    {
        (int outputs, int inputs, int tokens) = (5, 33, 3);
        WeightMatrix matrix = Matrix("m", outputs, inputs);
        float[] w = matrix.Tensor.ToArray();
        float[] x = Input(tokens * inputs);
        float[] bias = [1, 2, 3, 4, 5];

        float[] y = Run(new Linear([matrix], bias), x, tokens);

        for (int token = 0; token < tokens; token++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double sum = bias[output];
                for (int i = 0; i < inputs; i++)
                    sum += (double)x[(token * inputs) + i] * w[(output * inputs) + i];
                y[(token * outputs) + output].Should().BeApproximately((float)sum, 1e-5f);
            }
        }
    }

    [Fact]
    public void Mistakes_are_refused()
    {
        Linear linear = new([Matrix("a", 2, 4)]);

        FluentActions.Invoking(() => new Linear([])).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new Linear([Matrix("a", 2, 4), Matrix("b", 2, 5)])).Should().Throw<ArgumentException>().WithMessage("*b has 5*a has 4*");
        FluentActions.Invoking(() => new Linear([Matrix("a", 2, 4)], new float[3])).Should().Throw<ArgumentException>().WithMessage("*3 values for 2*");
        FluentActions.Invoking(() =>
        {
            using Workspace workspace = new();
            linear.Forward(new MatrixSpan(new float[3], 1, 3), new MatrixSpan(new float[2], 1, 2), new ComputeContext(WorkerPool.Shared, workspace));
        }).Should().Throw<ArgumentException>().WithMessage("*[n, 4]*");
    }
}
