using System.Text.RegularExpressions;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class SplitPreTokenizerTests
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

    [Fact]
    public void Overlong_pieces_are_cut_between_characters()
    {
        string text = "x" + string.Concat(Enumerable.Repeat("𠀀", SplitPreTokenizer.MaxPieceLength));
        string[] pieces = Pieces(text, SplitPatterns.Llama3());

        string.Concat(pieces).Should().Be(text);
        pieces.Should().OnlyContain(piece => piece.Length <= SplitPreTokenizer.MaxPieceLength && IsWhole(piece));
    }

    [Fact]
    public void Nothing_gives_no_pieces() => new SplitPreTokenizer([]).PreTokenize("").Should().BeEmpty();

    private static bool IsWhole(string piece) => piece.Length > 0 && !char.IsLowSurrogate(piece[0]) && !char.IsHighSurrogate(piece[^1]);

    private static string[] Pieces(string text, params Regex[] patterns) =>
        [.. new SplitPreTokenizer(patterns).PreTokenize(text).Select(piece => text.Substring(piece.Offset, piece.Length))];
}
