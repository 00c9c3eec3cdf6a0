using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Quantization;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Numerics.Gemm;

/// <summary>Products for many tokens against double precision, at sizes that fill no tile, panel or block.</summary>
[Trait("Category", "Kernels")]
public class FloatGemmTests
{
    [Theory]
    [InlineData(1, 1, 8)]
    [InlineData(7, 3, 9)]
    [InlineData(47, 33, 15)]
    [InlineData(49, 513, 16)]
    [InlineData(100, 64, 17)]
    [InlineData(53, 1100, 31)]
    [InlineData(48, 512, 33)]
    [InlineData(13, 80, 47)]
    [InlineData(6, 40, 64)]
    [InlineData(97, 65, 130)]
    public void Products_agree_with_double_precision(int outputs, int inputs, int tokens)
    {
        foreach (WeightFormat format in WeightFormat.All.Where(format => inputs % format.BlockLength == 0))
        {
            WeightMatrix weights = WeightMatrix.Create(new RandomWeights(3, format).Find("w", new TensorShape(outputs, inputs))!);
            if (weights.Activations != ActivationForm.Float)
                continue;
            float[] row = new float[inputs];
            Random random = new(tokens);
            float[] x = [.. Enumerable.Range(0, tokens * inputs).Select(_ => random.NextSingle() - 0.5f)];
            float[] y = new float[tokens * (outputs + 2)];
            float[] bias = [.. Enumerable.Range(0, outputs).Select(i => i * 0.01f)];
            using Workspace workspace = new();
            using WorkerPool workers = new(2);
            new Linear([weights], bias).Forward(new MatrixSpan(x, tokens, inputs), new MatrixSpan(y, tokens, outputs, outputs + 2), new ComputeContext(workers, workspace));
            for (int output = 0; output < outputs; output++)
            {
                weights.DecodeRow(output, row);
                for (int token = 0; token < tokens; token++)
                {
                    double expected = bias[output];
                    for (int k = 0; k < inputs; k++)
                        expected += (double)row[k] * x[(token * inputs) + k];
                    Math.Abs(y[(token * (outputs + 2)) + output] - expected).Should().BeLessThan(3e-6, "{0}: token {1}, output {2}", format, token, output);
                }
            }
            y.Where((_, i) => i % (outputs + 2) >= outputs).Should().OnlyContain(value => value == 0, "nothing is written beside the rows");
        }
    }
}
