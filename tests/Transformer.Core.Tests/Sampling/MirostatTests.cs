using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

/// <summary>Both versions, by the numbers of tokens that they let in.</summary>
public class MirostatTests
{
    // 1, 2, 3 and 3 bits.
    private static readonly float[] Halves = [MathF.Log(0.5f), MathF.Log(0.25f), MathF.Log(0.125f), MathF.Log(0.125f)];

    [Fact]
    public void Version_2_excludes_what_surprises_more_than_mu_and_moves_mu()
    {
        // μ = 2.4 lets 1 and 2 bits in. Among those two, token 0 has the surprise log₂ 1.5 = 0.585: μ becomes
        // 2.4 − (0.585 − 1.2) = 3.015, which lets all in; token 1 has log₂ 3 = 1.585: μ becomes 2.015, which does not.
        HashSet<int> first = [], afterZero = [], afterOne = [];
        for (ulong seed = 0; seed < 200; seed++)
        {
            MirostatV2 mirostat = new(1.2, 1, seed);
            int chosen = mirostat.Sample(Halves);
            first.Add(chosen);
            (chosen == 0 ? afterZero : afterOne).Add(mirostat.Sample(Halves));
        }
        first.Should().BeEquivalentTo([0, 1]);
        afterZero.Should().BeEquivalentTo([0, 1, 2, 3]);
        afterOne.Should().BeEquivalentTo([0, 1]);
    }

    [Fact]
    public void Version_2_keeps_the_most_probable_token_whatever_mu_is() =>
        new MirostatV2(0.1, 0, 1).Sample(Halves).Should().Be(0);

    [Fact]
    public void Version_1_finds_Zipf_s_exponent_and_keeps_k_tokens()
    {
        // p ~ 1 / rank²: s = 2, ε = 1, and k = (2^μ / (1 − 1/1000))^(1/2) = 8.004 with μ = 6.
        float[] zipf = [.. Enumerable.Range(1, 1000).Select(rank => -2 * MathF.Log(rank))];
        HashSet<int> first = [];
        for (ulong seed = 0; seed < 3000; seed++)
            first.Add(new MirostatV1(3, 0.1, seed).Sample(zipf));
        first.Should().BeEquivalentTo(Enumerable.Range(0, 8));
    }

    [Fact]
    public void Version_1_approaches_the_surprise_wanted()
    {
        float[] zipf = [.. Enumerable.Range(1, 2000).Select(rank => -1.1f * MathF.Log(rank))];
        double total = Math.Log(zipf.Sum(l => Math.Exp(l)));
        foreach (double tau in (double[])[2, 4, 6])
        {
            MirostatV2 two = new(tau, 0.1, 5);
            double bits = Enumerable.Range(0, 3000).Select(_ => (total - zipf[two.Sample(zipf)]) / Math.Log(2)).Skip(500).Average();
            bits.Should().BeGreaterThan(tau - 0.2, "surprise is measured among the tokens that are left, which is less than among all");
            MirostatV1 one = new(tau, 0.1, 5);
            Enumerable.Range(0, 300).Select(_ => one.Sample(zipf)).Should().OnlyContain(token => token >= 0 && token < 2000);
        }
    }

    [Fact]
    public void One_token_left_is_chosen()
    {
        float[] one = [float.NegativeInfinity, 3, float.NegativeInfinity];
        new MirostatV1(5, 0.1, 1).Sample(one).Should().Be(1);
        new MirostatV2(5, 0.1, 1).Sample(one).Should().Be(1);
    }

    [Fact]
    public void Impossible_values_are_refused_by_step_and_name()
    {
        foreach ((Action wrong, string message) in (ReadOnlySpan<(Action, string)>)
        [
            (() => _ = new MirostatV1(0, 0.1, 1), "MirostatV1*tau*"), (() => _ = new MirostatV1(5, double.NaN, 1), "MirostatV1*eta*"), (() => _ = new MirostatV1(5, 0.1, 1, 1), "*most*"),
            (() => _ = new MirostatV2(double.NaN, 0.1, 1), "MirostatV2*tau*"), (() => _ = new MirostatV2(5, -1, 1), "MirostatV2*eta*"),
        ])
            wrong.Should().Throw<ArgumentOutOfRangeException>().WithMessage(message);
    }
}
