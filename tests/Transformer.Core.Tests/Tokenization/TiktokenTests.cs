using System.Text;
using Microsoft.ML.Tokenizers;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public class TiktokenTests
{
    private static readonly int[] China = [37046, 76207, 109, 16325, 86461, 17792, 70821, 55999, 34208];

    [Fact]
    public void The_articles_sentence_is_nine_tokens_in_cl100k()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");

        tokenizer.Encode("我爱中华人民共和").Should().Equal(China).And.HaveCount(9);
        tokenizer.Decode(China).Should().Be("我爱中华人民共和");
        tokenizer.TokenText(37046).Should().Be("我");
        tokenizer.TokenText(109).Should().Be("<0xB1>", "a part of 爱 is no text");
    }

    [Fact]
    public void Cl100k_has_100256_ordinary_tokens_and_five_special_ones()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");

        Enumerable.Range(0, tokenizer.VocabSize).Count(id => !tokenizer.TokenBytes(id).IsEmpty).Should().Be(100_256);
        tokenizer.VocabSize.Should().Be(100_277);
        tokenizer.TokenText(100_257).Should().Be("<|endoftext|>");
        tokenizer.TokenText(100_265).Should().Be("<unused>");
        tokenizer.EndTokenIds.Should().Equal(100_257);
        (tokenizer.BosTokenId, tokenizer.AddsBos).Should().Be((null, false));
    }

    [Theory]
    [InlineData("cl100k_base")]
    [InlineData("o200k_base")]
    [InlineData("r50k_base")]
    public void Ids_equal_the_librarys_own_in_the_basic_plane(string name)
    {
        TiktokenTokenizer library = TiktokenTokenizer.CreateForEncoding(name);
        ITokenizer tokenizer = Goldens.Tiktoken(name);

        foreach (string text in RandomText.Many(500, seed: 1, allPlanes: false))
            tokenizer.Encode(text).Should().Equal(library.EncodeToIds(text), "of {0}", text);
    }

    [Fact]
    public void Letters_above_the_basic_plane_are_letters()
    {
        // the optional sign before a word may be an emoji, which .NET would cut in two; 𐐀𐐨 are letters
        foreach (string word in new[] { "🙂abc", "𐐀𐐨x", "1𝟎2" })
        {
            int[] ids = Goldens.Tiktoken("cl100k_base").Encode(word);
            var pieces = new TextSplitter([new SplitStep(SplitPatterns.Llama3())]).Split(word);

            pieces.Should().ContainSingle("{0} is one piece", word);
            Goldens.Tiktoken("cl100k_base").Decode(ids).Should().Be(word);
        }
    }

    [Fact]
    public void Special_tokens_are_parsed_only_when_asked()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");

        tokenizer.Encode("a<|endoftext|>b").Should().NotContain(100_257);
        tokenizer.Decode(tokenizer.Encode("a<|endoftext|>b")).Should().Be("a<|endoftext|>b");
        tokenizer.Encode("a<|endoftext|>b", parseSpecial: true).Should().HaveCount(3).And.HaveElementAt(1, 100_257);
        tokenizer.Decode(tokenizer.Encode("a<|endoftext|>b", parseSpecial: true)).Should().Be("ab", "a special token has no text");
    }

    [Fact]
    public void A_file_of_ranks_is_the_encoding_it_holds()
    {
        ITokenizer known = Goldens.Tiktoken("cl100k_base");
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, 100_256).Select(rank => $"{Convert.ToBase64String(known.TokenBytes(rank))} {rank}"));
            ITokenizer tokenizer = TokenizerLoader.FromTiktokenFile(path, "cl100k_base");

            tokenizer.VocabSize.Should().Be(known.VocabSize);
            foreach (string text in RandomText.Many(100, seed: 9, allPlanes: true).Append("a<|endoftext|>"))
                tokenizer.Encode(text, parseSpecial: true).Should().Equal(known.Encode(text, parseSpecial: true));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("YQ== 0\nYg==")]
    [InlineData("YQ== 0\n*** 1")]
    [InlineData("YQ== 0\nYg== 0")]
    [InlineData("YQ== -1")]
    [InlineData("YQ== 99999999")]
    [InlineData("YQ== 100257")]
    public void A_damaged_file_of_ranks_is_refused(string content)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            path.Invoking(p => TokenizerLoader.FromTiktokenFile(p, "cl100k_base")).Should().Throw<ModelFileException>().Which.File.Should().Be(path);
        }
        finally
        {
            File.Delete(path);
        }
        path.Invoking(p => TokenizerLoader.FromTiktokenFile(p, "cl100k_base")).Should().Throw<ModelFileException>().Which.File.Should().Be(path);
        path.Invoking(p => TokenizerLoader.FromTiktokenFile(p, "cl200k")).Should().Throw<UnsupportedModelException>().WithMessage("*cl200k*o200k_base*");
    }

    [Fact]
    public void A_missing_data_package_is_named()
    {
        Action load = () => TokenizerLoader.FromTiktoken("p50k_base");

        load.Should().Throw<ModelFileException>().WithMessage("*dotnet add package Microsoft.ML.Tokenizers.Data.P50kBase*");
    }

    [Fact]
    public void An_unknown_encoding_names_those_there_are()
    {
        Action load = () => TokenizerLoader.FromTiktoken("cl200k");

        load.Should().Throw<UnsupportedModelException>().WithMessage("*cl200k*cl100k_base*");
    }

    [Fact]
    public void Unpaired_surrogates_become_replacement_characters()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");

        tokenizer.Encode("a\uD83Db").Should().Equal(tokenizer.Encode("a\uFFFDb"));
        tokenizer.Encode("\uDE42").Should().Equal(tokenizer.Encode("\uFFFD"));
    }

    [Theory]
    [InlineData("abcdefghijklmnopqrstuvwxyz")]
    [InlineData("aab")]
    [InlineData("中文字漢")]
    [InlineData("=")]
    public void Pieces_too_long_for_the_library_get_the_ids_that_it_would_give(string letters)
    {
        var random = new Random(3);
        string text = new([.. Enumerable.Range(0, 3000).Select(_ => letters[random.Next(letters.Length)])]);

        Goldens.Tiktoken("cl100k_base").Encode(text).Should().Equal(TiktokenTokenizer.CreateForEncoding("cl100k_base").EncodeToIds(text));
    }

    [Fact]
    public void Very_long_pieces_lose_nothing()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");
        string text = new string(' ', 200_000) + new StringBuilder().Insert(0, "𐐀", 20_000) + new string('x', 100_000);

        tokenizer.Decode(tokenizer.Encode(text)).Should().Be(text);
        tokenizer.Encode(new string('a', 100_000)).Should().HaveCount(12_500, "eight letters a token");
    }

    [Fact]
    public void One_tokenizer_serves_many_threads()
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");
        string[] texts = [.. RandomText.Many(100, seed: 5, allPlanes: true)];
        int[][] expected = [.. texts.Select(text => tokenizer.Encode(text))];

        Parallel.For(0, 800, i => tokenizer.Encode(texts[i % texts.Length]).Should().Equal(expected[i % texts.Length]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(100_277)]
    [InlineData(int.MaxValue)]
    public void Ids_out_of_range_are_refused(int id)
    {
        ITokenizer tokenizer = Goldens.Tiktoken("cl100k_base");

        tokenizer.Invoking(t => t.TokenBytes(id).Length).Should().Throw<TokenOutOfRangeException>();
        tokenizer.Invoking(t => t.TokenText(id)).Should().Throw<TokenOutOfRangeException>();
        tokenizer.Invoking(t => t.Decode([1, id])).Should().Throw<TokenOutOfRangeException>().Which.Index.Should().Be(1);
    }
}
