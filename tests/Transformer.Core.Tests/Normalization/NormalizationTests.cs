using System.Text.Json;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Normalization;

public class NormalizationTests
{
    [Theory]
    [InlineData("layernorm")]
    [InlineData("rmsnorm")]
    public void Rows_are_normalized_as_the_reference_does(string kind)
    {
        foreach (JsonElement entry in Reference.Components(kind))
        {
            float[] x = entry.Numbers("x");
            ComponentContext context = Bench.Context(new Given(entry), x.Length);
            double epsilon = entry.GetProperty("eps").GetDouble();
            INormalization norm = kind == "rmsnorm" ? new RmsNormalization(context, epsilon) : new LayerNormalization(context, epsilon);

            // Two rows, the second twice as large: each is normalized by itself, and in place.
            float[] rows = [.. x, .. x.Select(v => 2 * v)];
            norm.Forward(new MatrixSpan(rows, 2, x.Length), new MatrixSpan(rows, 2, x.Length));
            Difference.Relative(rows.AsSpan(0, x.Length), entry.Numbers("y")).Should().BeLessThan(1e-5);
            if (x.Length > 1)
                Difference.Relative(rows.AsSpan(x.Length), entry.Numbers("y")).Should().BeLessThan(1e-4);
        }
    }

    [Fact]
    public void A_layer_norm_can_do_without_a_bias()
    {
        float[] x = [1, 2, 3, 6];
        NoiseWeights weights = new(1);
        float[] y = new float[4];
        new LayerNormalization(Bench.Context(weights, 4), epsilon: 1e-5, bias: false).Forward(new MatrixSpan(x, 1, 4), new MatrixSpan(y, 1, 4));
        float[] weight = weights.Values("weight", 1, 4);
        double[] expected = [.. x.Select((v, i) => (v - 3) / Math.Sqrt(3.5 + 1e-5) * weight[i])];
        Difference.Relative(y, expected).Should().BeLessThan(1e-6);
    }

    private sealed class Given(JsonElement entry) : IWeightSource
    {
        public string Origin => "components.json";

        public IEnumerable<string> Names => [];

        public bool Contains(string name) => true;

        public Tensor? Find(string name, TensorShape shape) => new(name, shape, WeightFormat.Float32, Origin, () => TensorMemory.FromValues(entry.Numbers(name), WeightFormat.Float32));

        public void Dispose()
        {
        }
    }
}
