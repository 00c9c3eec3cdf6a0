using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Numerics.Gemm;

/// <summary>
/// Products over integers against double precision on the same rounded activations, at sizes that fill no tile, panel
/// or piece. What is left is the rounding of sums of floats.
/// </summary>
[Trait("Category", "Kernels")]
public class IntegerGemmTests
{
    [Theory]
    [InlineData(1, 32, 1)]
    [InlineData(5, 64, 2)]
    [InlineData(7, 96, 3)]
    [InlineData(9, 128, 4)]
    [InlineData(47, 160, 5)]
    [InlineData(48, 512, 15)]
    [InlineData(49, 544, 16)]
    [InlineData(100, 1056, 17)]
    [InlineData(53, 1088, 31)]
    [InlineData(97, 256, 33)]
    [InlineData(3, 768, 70)]
    [InlineData(16, 32, 1)]
    [InlineData(32, 96, 2)]
    [InlineData(48, 512, 3)]
    [InlineData(112, 544, 8)]
    [InlineData(64, 1024, 31)]
    [InlineData(80, 768, 33)]
    public void Products_agree_with_double_precision_on_rounded_activations(int outputs, int inputs, int tokens)
    {
        using WorkerPool workers = new(2);
        foreach (WeightMatrix weights in WeightFormat.All.Where(format => inputs % format.BlockLength == 0)
            .SelectMany(format => Forms(new RandomWeights(3, format).Find("w", new TensorShape(outputs, inputs))!, workers)))
        {
            WeightFormat format = weights.Tensor.Format;
            if (weights.Activations == ActivationForm.Float)
                continue;
            Random random = new(tokens);
            float[] x = [.. Enumerable.Range(0, tokens * inputs).Select(i => (random.NextSingle() - 0.5f) * (i % 31 == 0 ? 20 : 1))];
            double[] rounded = Round(x, weights.Activations);
            float[] y = new float[tokens * (outputs + 2)];
            float[] bias = [.. Enumerable.Range(0, outputs).Select(i => i * 0.01f)];
            using Workspace workspace = new();
            new Linear([weights], bias).Forward(new MatrixSpan(x, tokens, inputs), new MatrixSpan(y, tokens, outputs, outputs + 2), new ComputeContext(workers, workspace));

            float[] row = new float[inputs];
            for (int output = 0; output < outputs; output++)
            {
                weights.DecodeRow(output, row);
                for (int token = 0; token < tokens; token++)
                {
                    double expected = bias[output];
                    double magnitude = Math.Abs(expected);
                    for (int k = 0; k < inputs; k++)
                    {
                        expected += row[k] * rounded[(token * inputs) + k];
                        magnitude += Math.Abs(row[k] * rounded[(token * inputs) + k]);
                    }
                    Math.Abs(y[(token * (outputs + 2)) + output] - expected).Should().BeLessThan(4e-7 * magnitude, "{0}: token {1}, output {2}", weights.GetType().Name + format.Name, token, output);
                }
            }
            y.Where((_, i) => i % (outputs + 2) >= outputs).Should().OnlyContain(value => value == 0, "nothing is written beside the rows");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void What_is_not_finite_is_not_lost(int tokens)
    {
        foreach (WeightFormat format in WeightFormat.All)
        {
            int inputs = 2 * Math.Max(format.BlockLength, 32);
            WeightMatrix weights = WeightMatrix.Create(new RandomWeights(3, format).Find("w", new TensorShape(9, inputs))!);
            foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            {
                float[] x = new float[tokens * inputs];
                Array.Fill(x, 1);
                x[^3] = bad;
                float[] y = new float[tokens * 9];
                using Workspace workspace = new();
                using WorkerPool workers = new(1);
                new Linear([weights]).Forward(new MatrixSpan(x, tokens, inputs), new MatrixSpan(y, tokens, 9), new ComputeContext(workers, workspace));
                y.AsSpan((tokens - 1) * 9).ToArray().Should().NotContain(value => float.IsFinite(value), "{0} times {1}", format.Name, bad);
                y.AsSpan(0, (tokens - 1) * 9).ToArray().Should().NotContain(value => !float.IsFinite(value), "{0}: other tokens", format.Name);
            }
        }
    }

    /// <summary>As the file has it and, where there is such a form, with rows side by side.</summary>
    private static WeightMatrix[] Forms(Tensor tensor, WorkerPool workers)
    {
        WeightMatrix[] forms = [WeightMatrix.Create(tensor), WeightMatrix.Create(tensor, tensor.Open(), new Interleaver(workers, all: true))];
        return forms[0].GetType() == forms[1].GetType() ? forms[..1] : forms;
    }

    private static unsafe double[] Round(float[] x, ActivationForm form)
    {
        double[] rounded = new double[x.Length];
        fixed (float* values = x)
        {
            sbyte* bytes = stackalloc sbyte[BlockQuantizer.Length];
            short* shorts = stackalloc short[BlockQuantizer.Length];
            for (int block = 0; block < x.Length; block += BlockQuantizer.Length)
            {
                float scale = form == ActivationForm.Int8 ? BlockQuantizer.Int8Scalar(values + block, bytes) : BlockQuantizer.Int16Scalar(values + block, shorts);
                for (int i = 0; i < BlockQuantizer.Length; i++)
                    rounded[block + i] = (double)scale * (form == ActivationForm.Int8 ? bytes[i] : shorts[i]);
            }
        }
        return rounded;
    }
}
