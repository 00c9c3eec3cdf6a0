using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

public sealed class RandomWeightsTests
{
    private static float[] Make(int seed, string name, TensorShape shape, WeightFormat? format = null)
    {
        using RandomWeights weights = new(seed, format);
        return weights.Find(name, shape)!.ToArray();
    }

    [Fact]
    public void Values_depend_on_seed_and_name_only()
    {
        float[] values = Make(1, "a.weight", new(8, 16));

        Make(1, "a.weight", new(8, 16)).Should().Equal(values);
        Make(2, "a.weight", new(8, 16)).Should().NotEqual(values);
        Make(1, "b.weight", new(8, 16)).Should().NotEqual(values);
        using RandomWeights weights = new(1);
        Tensor tensor = weights.Find("b.weight", new(3, 3))!;
        tensor.ToArray().Should().Equal(tensor.ToArray(), "opening twice makes the same values");
        weights.Find("a.weight", new(8, 16))!.ToArray().Should().Equal(values, "what was asked for before does not matter");
    }

    [Fact]
    public void Matrices_are_about_normal_and_vectors_are_those_of_a_fresh_model()
    {
        float[] values = Make(3, "m", new(200, 400));

        double mean = values.Average(v => (double)v);
        double deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        mean.Should().BeApproximately(0, 0.001);
        deviation.Should().BeApproximately(1 / Math.Sqrt(400), 0.001);
        Make(3, "x.norm.weight", TensorShape.Vector(3)).Should().Equal(1, 1, 1);
        Make(3, "x.input_layernorm.weight", TensorShape.Vector(3)).Should().Equal(1, 1, 1);
        Make(3, "x.norm.bias", TensorShape.Vector(3)).Should().Equal(0, 0, 0);
    }

    [Fact]
    public void Matrices_take_the_format_where_their_width_allows()
    {
        using RandomWeights weights = new(1, WeightFormat.Q8_0);

        weights.Find("a", new(2, 64))!.Format.Should().BeSameAs(WeightFormat.Q8_0);
        weights.Find("a", new(2, 33))!.Format.Should().BeSameAs(WeightFormat.Float32);
        weights.Find("a", TensorShape.Vector(64))!.Format.Should().BeSameAs(WeightFormat.Float32);
        weights.Find("a", new(2, 64, 3))!.ToArray().Should().HaveCount(2 * 64 * 3);
        weights.Contains("a").Should().BeFalse();
        weights.Names.Should().BeEmpty();
    }
}
