using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

public class SamplerTests
{
    private const float Out = float.NegativeInfinity;

    [Fact]
    public void Greedy_takes_the_first_of_the_largest()
    {
        GreedySampler greedy = new();
        greedy.Sample([1, 3, 2, 3]).Should().Be(1);
        greedy.Sample([Out, -5]).Should().Be(1);
        greedy.Sample([4, 4, 4]).Should().Be(0);
        float[] late = new float[1000];
        late[999] = 1;
        greedy.Sample(late).Should().Be(999);
    }

    [Fact]
    public void Random_choices_have_the_probabilities_of_the_softmax()
    {
        float[] logits = [MathF.Log(0.5f) + 90, MathF.Log(0.3f) + 90, Out, MathF.Log(0.15f) + 90, MathF.Log(0.05f) + 90];
        double[] expected = [0.5, 0.3, 0, 0.15, 0.05];
        const int draws = 20_000;
        int[] counts = new int[5];
        RandomSampler sampler = new(1);
        for (int i = 0; i < draws; i++)
            counts[sampler.Sample(logits)]++;
        for (int i = 0; i < 5; i++)
            Math.Abs(counts[i] - (draws * expected[i])).Should().BeLessThanOrEqualTo(3 * Math.Sqrt(draws * expected[i] * (1 - expected[i])));
    }

    [Fact]
    public void A_seed_repeats_the_choices()
    {
        Draw(5).Should().Equal(Draw(5));
        Draw(5).Should().NotEqual(Draw(6));

        static int[] Draw(ulong seed)
        {
            RandomSampler sampler = new(seed);
            return [.. Enumerable.Range(0, 50).Select(_ => sampler.Sample([0, 0, 0, 0]))];
        }
    }

    [Fact]
    public void The_only_token_left_is_chosen_and_logits_stay()
    {
        float[] logits = [Out, Out, -80];
        new RandomSampler(3).Sample(logits).Should().Be(2);
        logits.Should().Equal(Out, Out, -80);
    }

    [Theory]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Logits_without_a_finite_maximum_are_refused(float value) =>
        ((Action)(() => new RandomSampler(1).Sample([value, value]))).Should().Throw<ArgumentException>();

    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e-42)]
    [InlineData(1e-300)]
    public void The_smallest_temperatures_choose_the_most_probable_token(double temperature)
    {
        float[] logits = [1, 40, -3, 39];
        new Temperature(temperature).Process(logits, []);
        new RandomSampler(1).Sample(logits).Should().Be(1);
    }
}
