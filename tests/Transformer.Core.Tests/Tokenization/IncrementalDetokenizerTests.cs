using System.Text;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class IncrementalDetokenizerTests
{
    [Theory]
    [InlineData("我爱中华人民共和")]
    [InlineData("👨‍👩‍👧‍👦 🙂🏽 naïve ﷺ 龘靐齉")]
    [InlineData("plain text, no more")]
    [InlineData(" two  spaces ")]
    public void Text_arrives_whole_token_by_token(string text)
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");
        var stream = new IncrementalDetokenizer(tokenizer);
        var received = new StringBuilder();

        foreach (int id in tokenizer.Encode(text))
        {
            string part = stream.Append(id);
            part.Should().NotContain("\uFFFD");
            (part.Length > 0 && (char.IsHighSurrogate(part[^1]) || char.IsLowSurrogate(part[0]))).Should().BeFalse("no character comes in halves");
            received.Append(part);
        }

        stream.Flush().Should().BeEmpty();
        received.ToString().Should().Be(text);
    }

    [Fact]
    public void A_character_split_over_tokens_comes_with_its_last_token()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel());
        var stream = new IncrementalDetokenizer(tokenizer);

        // 中 is E4 B8 AD
        stream.Append(0xE4).Should().BeEmpty();
        stream.Append(0xB8).Should().BeEmpty();
        stream.Append(0xAD).Should().Be("中");
    }

    [Fact]
    public void Bytes_that_are_no_character_are_replaced_as_soon_as_that_is_certain()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel());
        var stream = new IncrementalDetokenizer(tokenizer);

        stream.Append(0xFF).Should().Be("\uFFFD", "FF begins nothing");
        stream.Append(0xE4).Should().BeEmpty();
        stream.Append('a').Should().Be("\uFFFDa", "the character was not finished");
        stream.Append(0xF0).Should().BeEmpty();
        stream.Flush().Should().Be("\uFFFD");
        stream.Append('b').Should().Be("b", "a flushed stream begins anew");
    }

    [Fact]
    public void Any_tokens_in_any_order_give_what_decode_gives()
    {
        ITokenizer[] tokenizers =
        [
            Goldens.Tiktoken("cl100k_base"), TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel()), TokenizerLoader.FromMetadata(FakeMetadata.SentencePiece()),
        ];
        var random = new Random(11);
        foreach (ITokenizer tokenizer in tokenizers)
        {
            for (int run = 0; run < 300; run++)
            {
                int[] ids = [.. Enumerable.Range(0, 20).Select(_ => random.Next(tokenizer.VocabSize))];
                var stream = new IncrementalDetokenizer(tokenizer);

                string text = string.Concat(ids.Select(stream.Append)) + stream.Flush();

                text.Should().Be(tokenizer.Decode(ids), "of {0}", string.Join(' ', ids));
            }
        }
    }

    [Fact]
    public void Only_the_first_space_of_a_whole_text_is_dropped()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.SentencePiece());
        int word = tokenizer.Encode("a", addBos: false).Single();
        tokenizer.TokenText(word).Should().Be(" a");

        var whole = new IncrementalDetokenizer(tokenizer);
        string.Concat(new[] { 1, word, word }.Select(whole.Append)).Should().Be("a a");

        var continuation = new IncrementalDetokenizer(tokenizer, continuesText: true);
        string.Concat(new[] { word, word }.Select(continuation.Append)).Should().Be(" a a");
    }

    [Fact]
    public void Of_a_token_of_spaces_one_is_dropped()
    {
        FakeMetadata metadata = FakeMetadata.SentencePiece();
        ((string[])metadata.Values["tokenizer.ggml.tokens"])[13] = "\u2581\u2581";
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(metadata);

        var stream = new IncrementalDetokenizer(tokenizer);
        (stream.Append(13) + stream.Append(13)).Should().Be("   ").And.Be(tokenizer.Decode([13, 13]));
    }

    [Fact]
    public void A_space_that_was_written_stays()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel());
        var stream = new IncrementalDetokenizer(tokenizer);

        stream.Append(' ').Should().Be(" ", "byte-level tokenizers put no space before a text");
    }

    [Fact]
    public void An_id_out_of_range_leaves_the_stream_as_it_was()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel());
        var stream = new IncrementalDetokenizer(tokenizer);
        stream.Append(0xE4);

        stream.Invoking(s => s.Append(99_999)).Should().Throw<TokenOutOfRangeException>();

        stream.Append(0xB8);
        stream.Append(0xAD).Should().Be("中");
    }
}
