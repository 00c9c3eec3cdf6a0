using Transformer.Core.Experiments;
using Transformer.Core.FeedForward;
using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Experiments;

/// <summary>Lens, ablation, patching, loss and comparison against plain computations.</summary>
public class ToolTests
{
    private static readonly int[] Tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void The_lens_after_the_last_layer_is_the_model_s_own_answer(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        LogitLens lens = LogitLens.Of(model, Tokens, top: model.VocabSize);
        float[] logits = model.AllLogits(Tokens);
        for (int i = 0; i < Tokens.Length; i++)
            lens.Rows[^1].Entries[i].Top.OrderBy(token => token.Token).Select(token => token.Logit).Should().Equal(logits[(i * model.VocabSize)..((i + 1) * model.VocabSize)]);
        lens.Rows.Select(row => row.Layer).Should().Equal(-1, 0, 1, 2);
        lens.Rows[0].Entries.Should().OnlyContain(entry => entry.Top.Count == model.VocabSize);
    }

    [Fact]
    public void The_top_is_sorted_and_of_the_length_asked_for()
    {
        LensEntry entry = LogitLens.Of(TinyModels.Build("llama"), Tokens, top: 4).Rows[1].Entries[2];
        entry.Top.Should().HaveCount(4).And.BeInDescendingOrder(token => token.Probability);
    }

    [Fact]
    public void The_loss_of_every_token_is_that_of_its_softmax()
    {
        TransformerModel model = TinyModels.Build("llama");
        IReadOnlyList<TokenLoss> losses = TokenLoss.Of(model, Tokens);
        losses.Select(loss => loss.Token).Should().Equal(Tokens[1..]);
        double[] expected = Losses(model);
        for (int i = 0; i < expected.Length; i++)
            losses[i].Loss.Should().BeApproximately(expected[i], 1e-5);
        TokenLoss.Of(model, [1]).Should().BeEmpty();
    }

    [Fact]
    public void A_head_s_score_is_the_loss_that_it_saves()
    {
        TransformerModel model = TinyModels.Build("gemma");
        Ablation ablation = Ablation.OfHeads(model, Tokens);
        ablation.Loss.Should().BeApproximately(Losses(model).Average(), 1e-5);
        ablation.Scores.Select(score => (score.Layer, score.Head)).Should().Equal(from layer in Enumerable.Range(0, 3) from head in Enumerable.Range(0, 4) select (layer, (int?)head));
        double silenced = Losses(model, Intervention.ZeroHead(2, 1)).Average();
        ablation.Scores[9].LossIncrease.Should().BeApproximately(silenced - ablation.Loss, 1e-5);
    }

    [Fact]
    public void A_layer_passed_by_is_a_layer_left_out()
    {
        Ablation ablation = Ablation.OfLayers(TinyModels.Build("article"), Tokens);
        double without = Losses(TinyModels.Builder("article").WithoutLayer(1).Build()).Average();
        AblationScore score = ablation.Scores.Single(score => score.Part == AblatedPart.Layer && score.Layer == 1);
        (ablation.Loss + score.LossIncrease).Should().BeApproximately(without, 1e-5);
        ablation.Scores.Should().HaveCount(9);
    }

    [Fact]
    public void Patching_the_last_token_before_the_last_layer_s_end_decides_all()
    {
        TransformerModel model = TinyModels.Build("llama");
        int[] other = [8, 1, 4, 1, 5, 9, 2, 6, 5, 3]; // differs in the first token alone
        ActivationPatching patching = ActivationPatching.Between(model, Tokens, other, answer: 7, other: 11, ActivationPoints.ResidualAfter);
        patching.First.Should().NotBe(patching.Second);
        patching.Patched(2, Tokens.Length - 1).Should().BeApproximately(patching.Second, 1e-5);
        patching.Share(2, Tokens.Length - 1).Should().BeApproximately(1, 1e-4);
        patching.Share(2, 0).Should().Be(0, "nothing reads a token after the last layer");

        ActivationPatching before = ActivationPatching.Between(model, Tokens, other, 7, 11);
        before.Share(0, 0).Should().BeApproximately(1, 1e-4, "the prompts differ in this token alone");
        before.Share(0, 4).Should().Be(0);
        ((Action)(() => ActivationPatching.Between(model, Tokens, [1], 7, 11))).Should().Throw<ArgumentException>();
        ((Action)(() => ActivationPatching.Between(model, Tokens, other, 7, 11, ActivationPoints.Pattern))).Should().Throw<ArgumentException>().WithMessage("*a row for each*");
    }

    [Fact]
    public void A_comparison_is_that_of_the_distributions()
    {
        TransformerModel model = TinyModels.Build("llama"), changed = TinyModels.Builder("llama").WithFeedForward(c => new GatedMlp(c, ActivationFunction.Relu)).Build();
        ModelComparison same = ModelComparison.Of(model, model, Tokens);
        same.Should().Be(new ModelComparison(same.OriginalLoss, same.OriginalLoss, 0, 1, Tokens.Length - 1));

        ModelComparison comparison = ModelComparison.Of(model, changed, Tokens);
        comparison.OriginalLoss.Should().BeApproximately(Losses(model).Average(), 1e-5);
        comparison.ChangedLoss.Should().BeApproximately(Losses(changed).Average(), 1e-5);
        double divergence = 0;
        int agree = 0;
        for (int i = 0; i < Tokens.Length - 1; i++)
        {
            double[] p = Softmax(model, i), q = Softmax(changed, i);
            divergence += p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum() / (Tokens.Length - 1);
            agree += Array.IndexOf(p, p.Max()) == Array.IndexOf(q, q.Max()) ? 1 : 0;
        }
        comparison.Divergence.Should().BeApproximately(divergence, 1e-5).And.BeGreaterThan(0);
        comparison.SameTop.Should().Be(agree / 9.0);
    }

    [Fact]
    public void Attention_without_patterns_has_no_map()
    {
        AttentionMaps maps = AttentionMaps.Of(TinyModels.Builder("llama").WithLayer(1, layer => layer.WithAttention(_ => new Silent())).Build(), Tokens);
        maps.Heads(0).Should().Be(4);
        maps.Heads(1).Should().Be(0);
        ((Action)(() => maps.Pattern(1, 0))).Should().Throw<InvalidOperationException>();
    }

    private static double[] Softmax(TransformerModel model, int place)
    {
        float[] logits = model.AllLogits(Tokens)[(place * model.VocabSize)..((place + 1) * model.VocabSize)];
        double total = logits.Sum(logit => Math.Exp(logit));
        return [.. logits.Select(logit => Math.Exp(logit) / total)];
    }

    private static double[] Losses(TransformerModel model, IActivationObserver? observer = null)
    {
        float[] logits = model.AllLogits(Tokens, observer);
        return [.. Enumerable.Range(0, Tokens.Length - 1).Select(i =>
        {
            float[] row = logits[(i * model.VocabSize)..((i + 1) * model.VocabSize)];
            return -Math.Log(Math.Exp(row[Tokens[i + 1]]) / row.Sum(logit => Math.Exp(logit)));
        })];
    }

    private sealed class Silent : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity) => null;

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context) => x.CopyTo(y);
    }
}
