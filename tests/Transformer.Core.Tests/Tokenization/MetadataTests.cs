using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class MetadataTests
{
    [Fact]
    public void Sentence_piece_merges_by_score_and_falls_back_to_bytes()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.SentencePiece());

        tokenizer.Encode("abc", addBos: false).Should().Equal([6, 10, 9], "ab (-1) comes before bc (-2) and before ▁a (-3)");
        tokenizer.Encode("中", addBos: false).Should().Equal(6, 3, 4, 5);
        tokenizer.Encode("€", addBos: false).Should().Equal([6, 0], "its bytes are no tokens");
        tokenizer.Encode("a", addBos: null).Should().Equal(1, 12);
        tokenizer.Encode("", addBos: false).Should().BeEmpty();
        tokenizer.Decode(tokenizer.Encode("a 中 abc")).Should().Be("a 中 abc");
        tokenizer.TokenText(3).Should().Be("<0xE4>");
        tokenizer.TokenText(1).Should().Be("<s>");
    }

    [Fact]
    public void Without_space_prefix_nothing_is_added_or_dropped()
    {
        FakeMetadata metadata = FakeMetadata.SentencePiece();
        metadata.Values["tokenizer.ggml.add_space_prefix"] = false;
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(metadata);

        tokenizer.Encode("a", addBos: false).Should().Equal(7);
        tokenizer.Decode(tokenizer.Encode(" a")).Should().Be(" a");
    }

    [Fact]
    public void User_defined_tokens_are_always_one_and_special_ones_only_when_asked()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.SentencePiece());

        tokenizer.Encode("a<cut>a", addBos: false).Should().Equal([12, 13, 12], "as in llama.cpp a space is put after it too");
        tokenizer.Encode("<s>", addBos: false).Should().NotContain(1);
        tokenizer.Encode("<s>a", addBos: false, parseSpecial: true).Should().Equal(1, 12);
    }

    [Fact]
    public void Phi_3s_marks_swallow_the_space_after_them()
    {
        FakeMetadata metadata = FakeMetadata.SentencePiece();
        metadata.Values["general.name"] = "Phi-3 Mini";
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(metadata);

        tokenizer.Encode("a<cut>  a", addBos: false).Should().Equal(12, 13, 12);
        tokenizer.Encode("<s> a", addBos: false, parseSpecial: true).Should().Equal([1, 6, 12], "all but the first mark of a text");
    }

    [Fact]
    public void Messages_within_a_turn_do_not_end_it()
    {
        FakeMetadata metadata = FakeMetadata.ByteLevel();
        var tokens = (string[])metadata.Values["tokenizer.ggml.tokens"];
        metadata.Values["tokenizer.ggml.tokens"] = (string[])[.. tokens, "<|return|>", "<|call|>"];
        metadata.Values["tokenizer.ggml.token_type"] = (long[])[.. Enumerable.Repeat(1L, 258), 3, 3, 3, 3];
        metadata.Values["tokenizer.ggml.eos_token_id"] = 260L;

        TokenizerLoader.FromMetadata(metadata).EndTokenIds.Should().Equal([260, 261], "<|end|> ends a message of gpt-oss only");
        tokens[^1] = "<|return|>";
        metadata.Values["tokenizer.ggml.tokens"] = tokens;
        metadata.Values["tokenizer.ggml.token_type"] = (long[])[.. Enumerable.Repeat(1L, 258), 3, 3];
        metadata.Values.Remove("tokenizer.ggml.eos_token_id");
        TokenizerLoader.FromMetadata(metadata).EndTokenIds.Should().Equal(258, 259);
    }

    [Fact]
    public void Gemma_4_merges_by_a_list_and_takes_line_breaks_whole()
    {
        FakeMetadata metadata = FakeMetadata.SentencePiece();
        var tokens = (string[])[.. (string[])metadata.Values["tokenizer.ggml.tokens"], "\n\n"];
        metadata.Values["tokenizer.ggml.model"] = "gemma4";
        metadata.Values["tokenizer.ggml.tokens"] = tokens;
        metadata.Values["tokenizer.ggml.token_type"] = (long[])[.. (long[])metadata.Values["tokenizer.ggml.token_type"], 1];
        metadata.Values["tokenizer.ggml.merges"] = (string[])["b c", "\u2581 a"];
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(metadata);

        tokenizer.Encode("abc a", addBos: false).Should().Equal([7, 11, 12], "no space comes before the text, and scores do not count");
        tokenizer.Encode("中\n\na", addBos: false).Should().Equal(3, 4, 5, 14, 7);
        tokenizer.Decode([12, 7]).Should().Be(" aa");
        (tokenizer.BosTokenId, tokenizer.AddsBos).Should().Be((1, true));
    }

    [Fact]
    public void Byte_level_merges_and_the_longest_special_token_wins()
    {
        ITokenizer tokenizer = TokenizerLoader.FromMetadata(FakeMetadata.ByteLevel());

        tokenizer.Encode("hello").Should().Equal(257, 'l', 'o');
        tokenizer.Encode("x<|end|>er<|end|>", parseSpecial: true).Should().Equal('x', 259, 258);
        tokenizer.Encode("<|end|>").Should().HaveCount(7).And.NotContain(258);
        tokenizer.EndTokenIds.Should().Equal(258);
        tokenizer.Decode(tokenizer.Encode(" \n中🙂\u0000 ")).Should().Be(" \n中🙂\u0000 ");
        tokenizer.Encode("a", addBos: true).Should().Equal(['a'], "there is no BOS to add");
    }

    [Fact]
    public void A_piece_that_is_a_token_needs_no_merges_where_the_kind_says_so()
    {
        FakeMetadata metadata = FakeMetadata.ByteLevel();
        metadata.Values["tokenizer.ggml.merges"] = new[] { "h e" };
        TokenizerLoader.FromMetadata(metadata).Encode("hel").Should().Equal(256, 'l');

        metadata.Values["tokenizer.ggml.pre"] = "llama-bpe";
        TokenizerLoader.FromMetadata(metadata).Encode("hel hello").Should().Equal(257, ' ', 256, 'l', 'l', 'o');
    }

    [Theory]
    [InlineData("none")]
    [InlineData("no_vocab")]
    [InlineData(null)]
    public void A_file_without_vocabulary_says_so(string? model)
    {
        var metadata = new FakeMetadata();
        if (model is not null)
            metadata.Values["tokenizer.ggml.model"] = model;

        TokenizerLoader.HasVocabulary(metadata).Should().BeFalse();
        metadata.Invoking(m => TokenizerLoader.FromMetadata(m)).Should().Throw<ModelFileException>().WithMessage("*vocabulary*");
        TokenizerLoader.HasVocabulary(FakeMetadata.ByteLevel()).Should().BeTrue();
    }

    [Theory]
    [InlineData("tokenizer.ggml.model", "bert")]
    [InlineData("tokenizer.ggml.pre", "kimi-k2")]
    public void Kinds_that_are_not_known_are_named(string key, string value)
    {
        FakeMetadata metadata = FakeMetadata.ByteLevel();
        metadata.Values[key] = value;

        metadata.Invoking(m => TokenizerLoader.FromMetadata(m)).Should().Throw<UnsupportedModelException>().WithMessage($"*{key}*{value}*Supported:*gpt*");
    }

    public static TheoryData<string, object?> Damage => new()
    {
        { "tokenizer.ggml.tokens", null },
        { "tokenizer.ggml.tokens", new long[] { 1 } },
        { "tokenizer.ggml.tokens", Array.Empty<string>() },
        { "tokenizer.ggml.token_type", new long[] { 1, 1 } },
        { "tokenizer.ggml.merges", null },
        { "tokenizer.ggml.merges", new[] { "h zz" } },
        { "tokenizer.ggml.merges", new[] { "he" } },
        { "tokenizer.ggml.merges", new[] { "h e", "h e" } },
        { "tokenizer.ggml.merges", new[] { "l l" } },
        { "tokenizer.ggml.bos_token_id", 260L },
        { "tokenizer.ggml.eos_token_id", -5L },
        { "tokenizer.ggml.eot_token_id", "x" },
        { "tokenizer.ggml.add_bos_token", 3L },
        { "tokenizer.ggml.pre", 3L },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public void Damaged_metadata_is_refused(string key, object? value)
    {
        FakeMetadata metadata = FakeMetadata.ByteLevel();
        if (value is null)
            metadata.Values.Remove(key);
        else
            metadata.Values[key] = value;

        metadata.Invoking(m => TokenizerLoader.FromMetadata(m)).Should().Throw<ModelFileException>().Which.File.Should().Be("fake.gguf");
    }

    [Fact]
    public void Sentence_piece_without_fitting_scores_is_refused()
    {
        FakeMetadata metadata = FakeMetadata.SentencePiece();
        metadata.Values["tokenizer.ggml.scores"] = new double[] { 1 };
        metadata.Invoking(m => TokenizerLoader.FromMetadata(m)).Should().Throw<ModelFileException>().WithMessage("*scores*");

        metadata.Values.Remove("tokenizer.ggml.scores");
        metadata.Invoking(m => TokenizerLoader.FromMetadata(m)).Should().Throw<ModelFileException>().WithMessage("*scores*");
    }

    [Theory]
    [InlineData(4294967295L)]
    [InlineData(-1L)]
    public void The_numbers_that_mean_no_token_are_none(long id)
    {
        FakeMetadata metadata = FakeMetadata.ByteLevel();
        metadata.Values["tokenizer.ggml.bos_token_id"] = id;

        TokenizerLoader.FromMetadata(metadata).BosTokenId.Should().BeNull();
    }
}
