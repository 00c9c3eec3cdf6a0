using Transformer.Core.FeedForward;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.FeedForward;

/// <summary>Against a plain computation in double precision.</summary>
public class MlpTests
{
    private const int Hidden = 11;
    private const int Width = 19;

    public static TheoryData<ActivationFunction, bool> Cases => new()
    {
        { ActivationFunction.Gelu, true },
        { ActivationFunction.GeluTanh, true },
        { ActivationFunction.Relu, true },
        { ActivationFunction.Silu, true },
        { ActivationFunction.Gelu, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mlp_is_its_formula(ActivationFunction activation, bool bias)
    {
        NoiseWeights weights = new(4);
        float[] x = Noise.Floats(1, 5 * Hidden, 2);
        double[] wide = Project(weights, Wide(x), "up_proj", Width, Hidden, bias);
        double[] expected = Project(weights, [.. wide.Select(v => Apply(activation, v))], "down_proj", Hidden, Width, bias);
        Mlp mlp = new(Bench.Context(weights, Hidden, intermediate: Width), activation, bias);
        Difference.Relative(Bench.Run(mlp, x, Hidden), expected).Should().BeLessThan(1e-5);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gated_mlp_is_its_formula(ActivationFunction activation, bool bias)
    {
        NoiseWeights weights = new(4);
        float[] x = Noise.Floats(1, 5 * Hidden, 2);
        double[] gate = Project(weights, Wide(x), "gate_proj", Width, Hidden, bias);
        double[] up = Project(weights, Wide(x), "up_proj", Width, Hidden, bias);
        double[] expected = Project(weights, [.. gate.Zip(up, (g, u) => Apply(activation, g) * u)], "down_proj", Hidden, Width, bias);
        GatedMlp mlp = new(Bench.Context(weights, Hidden, intermediate: Width), activation, bias);
        Difference.Relative(Bench.Run(mlp, x, Hidden), expected).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Activations_are_the_reference_s()
    {
        System.Text.Json.JsonElement reference = Reference.Components("activations").Single();
        foreach ((ActivationFunction function, string name) in ((ActivationFunction, string)[])
            [(ActivationFunction.Gelu, "gelu"), (ActivationFunction.GeluTanh, "gelu_tanh"), (ActivationFunction.Relu, "relu"), (ActivationFunction.Silu, "silu")])
        {
            float[] values = reference.Numbers("x");
            function.Apply(values);
            Difference.Relative(values, reference.Numbers(name)).Should().BeLessThan(1e-6, name);
        }
    }

    [Fact]
    public void A_width_of_its_own_comes_before_the_builder_s()
    {
        NoiseWeights weights = new(4);
        float[] x = Noise.Floats(1, Hidden);
        float[] own = Bench.Run(new Mlp(Bench.Context(weights, Hidden, intermediate: 3), intermediateSize: Width), x, Hidden);
        own.Should().Equal(Bench.Run(new Mlp(Bench.Context(weights, Hidden, intermediate: Width)), x, Hidden));
        ((Action)(() => _ = new GatedMlp(Bench.Context(weights, Hidden)))).Should().Throw<ArgumentException>().WithMessage("*IntermediateSize*");
    }

    private static double Apply(ActivationFunction function, double x) => function switch
    {
        ActivationFunction.Gelu => x * NormalCdf(x),
        ActivationFunction.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        ActivationFunction.Relu => x > 0 ? x : 0,
        _ => x / (1 + Math.Exp(-x)),
    };

    /// <summary>The Taylor series around 0 (all terms of one sign), exact to double precision where it matters here.</summary>
    private static double NormalCdf(double x)
    {
        double term = x;
        double sum = x;
        for (int n = 1; n < 400; n++)
        {
            term *= x * x / ((2 * n) + 1);
            sum += term;
        }
        return 0.5 + (sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
    }

    private static double[] Wide(float[] x) => [.. x.Select(v => (double)v)];

    private static double[] Project(NoiseWeights weights, double[] x, string name, int outputs, int inputs, bool bias)
    {
        float[] weight = weights.Values(name + ".weight", outputs, inputs);
        float[] add = bias ? weights.Values(name + ".bias", 1, outputs) : new float[outputs];
        double[] y = new double[x.Length / inputs * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            (int row, int output) = (i / outputs, i % outputs);
            y[i] = add[output] + Enumerable.Range(0, inputs).Sum(k => x[(row * inputs) + k] * weight[(output * inputs) + k]);
        }
        return y;
    }
}
