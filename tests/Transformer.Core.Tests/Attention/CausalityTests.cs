using Transformer.Core.Attention;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Attention;

/// <summary>A later token never changes what was computed for an earlier one.</summary>
public class CausalityTests
{
    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void Logits_before_a_changed_token_stay_bit_for_bit(string family) => Check(TinyModels.Build(family));

    [Fact]
    public void With_alibi_and_a_window_too() => Check(TinyModels.Builder("llama")
        .WithPositions(c => new AlibiPositions(c.Heads))
        .WithAttention(c => new MultiHeadAttention(c, window: 4))
        .Build());

    [Fact]
    public void A_window_hides_what_lies_further_back()
    {
        TransformerModel model = TinyModels.Builder("llama").WithLayers(1).WithAttention(c => new MultiHeadAttention(c, window: 4)).Build();
        int[] tokens = Noise.Tokens(1, 10, TinyModels.Vocabulary);
        float[] before = model.AllLogits(tokens);
        tokens[2] = (tokens[2] + 1) % TinyModels.Vocabulary;
        float[] after = model.AllLogits(tokens);
        for (int row = 0; row < 10; row++)
            Row(after, row).SequenceEqual(Row(before, row)).Should().Be(row is < 2 or > 5, "row {0}", row);
    }

    private static void Check(TransformerModel model)
    {
        int[] tokens = Noise.Tokens(1, 12, TinyModels.Vocabulary);
        float[] before = model.AllLogits(tokens);
        for (int changed = 0; changed < tokens.Length; changed++)
        {
            int[] other = [.. tokens];
            other[changed] = (other[changed] + 7) % TinyModels.Vocabulary;
            float[] after = model.AllLogits(other);
            for (int row = 0; row < changed; row++)
                Row(after, row).SequenceEqual(Row(before, row)).Should().BeTrue("row {0} comes before token {1}", row, changed);
            Row(after, changed).SequenceEqual(Row(before, changed)).Should().BeFalse();
        }
    }

    private static ReadOnlySpan<float> Row(float[] logits, int row) => logits.AsSpan(row * TinyModels.Vocabulary, TinyModels.Vocabulary);
}
