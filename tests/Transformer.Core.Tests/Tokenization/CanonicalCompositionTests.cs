using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class CanonicalCompositionTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("e\u0301", "\u00E9")]
    [InlineData("\u00E9", "\u00E9")]
    [InlineData("a\u0323\u0302", "\u1EAD")] // both marks in order
    [InlineData("a\u0302\u0323", "\u1EAD")] // and reordered
    [InlineData("\u1E0B\u0323", "\u1E0D\u0307")] // taken apart, reordered, composed anew
    [InlineData("\u1100\u1161\u11A8", "\uAC01")] // Hangul by formula
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\u0958", "\u0915\u093C")] // never composed again
    [InlineData("\u212B", "\u00C5")] // a sign that is only another spelling
    [InlineData("\uF900", "\u8C48")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("e\u0334\u0301", "\u00E9\u0334")] // a mark of a lower class does not block
    [InlineData("e\u0302x\u0301", "\u00EAx\u0301")]
    [InlineData("\U0001D15E", "\U0001D157\U0001D165")]
    [InlineData("\U0001D157\U0001D165", "\U0001D157\U0001D165")]
    [InlineData("\u0301a", "\u0301a")]
    public void Text_takes_form_C(string text, string expected) => CanonicalComposition.Of(text).Should().Be(expected);

    [Fact]
    public void Text_in_form_C_stays_the_same_object()
    {
        foreach (string text in new[] { "ascii", "caf\u00E9", "中文 한국어" })
            CanonicalComposition.Of(text).Should().BeSameAs(text);
    }

    [Fact]
    public void Composing_twice_changes_nothing_more()
    {
        foreach (string text in RandomText.Many(300, seed: 2, allPlanes: true))
        {
            string once = CanonicalComposition.Of(text);
            CanonicalComposition.Of(once).Should().Be(once);
        }
    }
}
