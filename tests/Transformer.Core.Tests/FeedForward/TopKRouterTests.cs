using Transformer.Core.FeedForward;
using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.FeedForward;

/// <summary>Against a plain computation in double precision, and by hand.</summary>
public class TopKRouterTests
{
    private const int Hidden = 13;
    private const int Experts = 12;

    public static TheoryData<ExpertScoring, bool, bool, bool, int, int> Cases => new()
    {
        { ExpertScoring.Softmax, false, false, false, 1, 1 },
        { ExpertScoring.Softmax, true, true, false, 1, 1 },
        { ExpertScoring.Softmax, false, false, false, 4, 2 },
        { ExpertScoring.Sigmoid, true, false, true, 1, 1 },
        { ExpertScoring.Sigmoid, true, false, true, 4, 2 },
        { ExpertScoring.Sigmoid, false, false, true, 6, 3 },
        { ExpertScoring.SoftmaxOfChosen, false, true, false, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_chooses_and_weighs_by_its_formula(ExpertScoring scoring, bool normalize, bool bias, bool correction, int groups, int groupsPerToken)
    {
        const int perToken = 4, rows = 30;
        NoiseWeights weights = new(6);
        float[] x = Noise.Floats(1, rows * Hidden, 2);
        TopKRouter router = new(Bench.Context(weights, Hidden), Experts, perToken, scoring, normalize, 2.5, bias, correction, groups, groupsPerToken);
        (int[] chosen, float[] factors) = Route(router, x, perToken);

        float[] gate = weights.Values("gate.weight", Experts, Hidden);
        float[] added = bias ? weights.Values("gate.bias", 1, Experts) : new float[Experts];
        float[] corrections = correction ? weights.Values("gate.e_score_correction_bias", 1, Experts) : new float[Experts];
        for (int row = 0; row < rows; row++)
        {
            double[] logits = [.. Enumerable.Range(0, Experts).Select(e => added[e] + Enumerable.Range(0, Hidden).Sum(k => (double)x[(row * Hidden) + k] * gate[(e * Hidden) + k]))];
            double[] scores = scoring switch
            {
                ExpertScoring.Softmax => [.. logits.Select(l => Math.Exp(l) / logits.Sum(Math.Exp))],
                ExpertScoring.Sigmoid => [.. logits.Select(l => 1 / (1 + Math.Exp(-l)))],
                _ => logits,
            };
            double[] choice = [.. scores.Zip(corrections, (score, add) => score + add)];
            int size = Experts / groups;
            HashSet<int> kept = [.. Enumerable.Range(0, groups)
                .OrderByDescending(group => choice.Skip(group * size).Take(size).OrderDescending().Take(correction ? 2 : 1).Sum())
                .Take(groupsPerToken)];
            int[] expected = [.. Enumerable.Range(0, Experts).Where(e => kept.Contains(e / size)).OrderByDescending(e => choice[e]).Take(perToken).Order()];
            double[] raw = [.. expected.Select(e => scoring is ExpertScoring.SoftmaxOfChosen ? Math.Exp(logits[e]) / expected.Sum(other => Math.Exp(logits[other])) : scores[e])];
            double[] weighed = [.. raw.Select(weight => 2.5 * weight / (normalize ? raw.Sum() : 1))];

            chosen.AsSpan(row * perToken, perToken).ToArray().Should().Equal(expected);
            Difference.Relative(factors.AsSpan(row * perToken, perToken), weighed).Should().BeLessThan(1e-5);
        }
        chosen.Distinct().Count().Should().BeGreaterThan(perToken, "rows choose differently");
    }

    [Fact]
    public void A_correction_chooses_but_does_not_weigh()
    {
        // One feature, so logits are the gate's column: 0, 1, 2, 3.
        Given weights = new(new() { ["gate.weight"] = [0, 1, 2, 3], ["gate.e_score_correction_bias"] = [9, 0, 0, 0] });
        (int[] chosen, float[] factors) = Route(new TopKRouter(Bench.Context(weights, 1), 4, 2, ExpertScoring.Sigmoid, correction: true), [1], 2);
        chosen.Should().Equal(0, 3);
        factors[0].Should().BeApproximately(0.5f, 1e-6f);
        factors[1].Should().BeApproximately(0.952574f, 1e-6f);
    }

    [Fact]
    public void The_best_expert_of_a_poor_group_is_left_out()
    {
        // Of the groups (3, 0), (2, 2), (1, 1) the second is best by its two best together, the first by its best.
        Dictionary<string, float[]> gate = new() { ["gate.weight"] = [3, 0, 2, 2, 1, 1], ["gate.e_score_correction_bias"] = new float[6] };
        int[] Chosen(bool correction) => Route(new TopKRouter(Bench.Context(new Given(gate), 1), 6, 2, ExpertScoring.SoftmaxOfChosen, correction: correction, groups: 3), [1], 2).Chosen;
        Chosen(correction: true).Should().Equal(2, 3);
        Chosen(correction: false).Should().Equal(0, 1);
    }

    [Fact]
    public void What_is_no_number_still_gives_different_experts()
    {
        Given weights = new(new() { ["gate.weight"] = [float.NaN, 1, float.NaN, 3] });
        Route(new TopKRouter(Bench.Context(weights, 1), 4, 3, ExpertScoring.SoftmaxOfChosen), [1], 3).Chosen.Should().Equal(0, 1, 3);
    }

    [Theory]
    [InlineData(0, 1, 1, 1, "Experts: expected at least 1, found 0")]
    [InlineData(4, 5, 1, 1, "ExpertsPerToken: expected 1 to 4, found 5")]
    [InlineData(4, 0, 1, 1, "ExpertsPerToken")]
    [InlineData(4, 3, 2, 1, "ExpertsPerToken: expected 1 to 2, found 3")]
    [InlineData(4, 1, 3, 1, "Groups: expected a divisor of 4")]
    [InlineData(4, 1, 2, 3, "GroupsPerToken: expected 1 to 2, found 3")]
    public void Numbers_that_cannot_be_are_refused(int experts, int perToken, int groups, int groupsPerToken, string message) =>
        FluentActions.Invoking(() => new TopKRouter(Bench.Context(new NoiseWeights(1), Hidden), experts, perToken, groups: groups, groupsPerToken: groupsPerToken))
            .Should().Throw<ArgumentException>().WithMessage($"*{message}*");

    private static (int[] Chosen, float[] Weights) Route(TopKRouter router, float[] x, int perToken)
    {
        int hidden = router.Experts == Experts ? Hidden : 1;
        int[] chosen = new int[x.Length / hidden * perToken];
        float[] weights = Bench.Run(x, hidden, perToken, null, (MatrixSpan input, MatrixSpan output, in ForwardContext context) => router.Route(input, chosen, output, context));
        return (chosen, weights);
    }
}
