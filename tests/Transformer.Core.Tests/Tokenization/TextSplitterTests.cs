using System.Text.RegularExpressions;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class TextSplitterTests
{
    [Fact]
    public void What_no_pattern_matches_is_a_piece_too() =>
        Pieces("ab12--cd", new Regex("[0-9]+"), new Regex("[a-z]")).Should().Equal("a", "b", "12", "--", "c", "d");

    [Fact]
    public void A_pattern_does_not_see_beyond_its_piece() =>
        Pieces("a  1", new Regex("[0-9]"), new Regex(@"\s+(?!\S)|\s")).Should().Equal("a", "  ", "1");

    [Fact]
    public void Pieces_join_to_the_text_and_split_no_character()
    {
        Regex[][] kinds =
        [
            [SplitPatterns.Gpt2()], [SplitPatterns.Llama3()], [SplitPatterns.Qwen2()], [SplitPatterns.O200k()],
            [SplitPatterns.UpTo3Digits(), SplitPatterns.DeepSeekV3Kana(), SplitPatterns.DeepSeekV3Words()],
            PreTokenizerKind.Find("test", "deepseek-llm").Patterns,
        ];
        foreach (Regex[] patterns in kinds)
        {
            foreach (string text in RandomText.Many(200, seed: 4, allPlanes: true))
            {
                string[] pieces = Pieces(text, patterns);
                string.Concat(pieces).Should().Be(text);
                pieces.Should().OnlyContain(piece => IsWhole(piece));
            }
        }
    }

    [Theory]
    [InlineData(nameof(SplitBehavior.Isolated), false, "a|-|-|b|-|c")]
    [InlineData(nameof(SplitBehavior.Removed), false, "a|b|c")]
    [InlineData(nameof(SplitBehavior.MergedWithPrevious), false, "a-|-|b-|c")]
    [InlineData(nameof(SplitBehavior.MergedWithNext), false, "a|-|-b|-c")]
    [InlineData(nameof(SplitBehavior.Contiguous), false, "a|--|b|-|c")]
    [InlineData(nameof(SplitBehavior.Removed), true, "-|-|-")]
    [InlineData(nameof(SplitBehavior.MergedWithPrevious), true, "a|-|-b|-c")]
    [InlineData(nameof(SplitBehavior.MergedWithNext), true, "a-|-|b-|c")]
    public void Matches_join_what_their_behavior_says(string behavior, bool inverts, string expected) =>
        string.Join('|', Pieces("a--b-c", new SplitStep(new Regex("-"), Enum.Parse<SplitBehavior>(behavior), inverts))).Should().Be(expected);

    [Fact]
    public void An_empty_match_cuts() =>
        Pieces("1234567", new SplitStep(new Regex(@"(?=(\d{3})+(?!\d))"))).Should().Equal("1", "234", "567");

    [Fact]
    public void Nothing_gives_no_pieces() => new TextSplitter(Array.Empty<SplitStep>()).Split("").Should().BeEmpty();

    private static bool IsWhole(string piece) => piece.Length > 0 && !char.IsLowSurrogate(piece[0]) && !char.IsHighSurrogate(piece[^1]);

    private static string[] Pieces(string text, params Regex[] patterns) => Pieces(text, [.. patterns.Select(pattern => new SplitStep(pattern))]);

    private static string[] Pieces(string text, params SplitStep[] steps) =>
        [.. new TextSplitter(steps).Split(text).Select(piece => text.Substring(piece.Offset, piece.Length))];
}
