using System.Text.Json;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Tests.Tokenization;

public sealed class HuggingFaceTests : IDisposable
{
    private const string ByteLevelModel = """
        { "added_tokens": [ { "id": 8, "content": "<s>", "special": true }, { "id": 9, "content": "<tool>", "special": false }, { "id": 10, "content": "<|x|>", "special": false, "rstrip": true } ],
          "pre_tokenizer": { "type": "ByteLevel", "add_prefix_space": false, "use_regex": true },
          "post_processor": { "type": "TemplateProcessing", "single": [ { "SpecialToken": { "id": "<s>" } }, { "Sequence": { "id": "A" } } ] },
          "model": { "type": "BPE", "vocab": { "h": 0, "i": 1, "Ġ": 2, "hi": 3, "Ġhi": 4, "Ã": 5, "¼": 6, "Ã¼": 7 }, "merges": [ "h i", ["Ġ", "hi"], "Ã ¼" ] } }
        """;

    private const string MetaspaceModel = """
        { "added_tokens": [ { "id": 0, "content": "<unk>", "special": true } ],
          "normalizer": { "type": "Sequence", "normalizers": [ { "type": "Prepend", "prepend": "▁" }, { "type": "Replace", "pattern": { "String": " " }, "content": "▁" } ] },
          "pre_tokenizer": null,
          "decoder": { "type": "Sequence", "decoders": [ { "type": "Replace" }, { "type": "ByteFallback" }, { "type": "Fuse" }, { "type": "Strip", "content": " ", "start": 1, "stop": 0 } ] },
          "model": { "type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
            "vocab": { "<unk>": 0, "▁": 1, "a": 2, "b": 3, "▁a": 4, "ab": 5, "▁ab": 6, "<0xC3>": 7, "<0xBC>": 8 }, "merges": [ "▁ a", "a b", "▁a b" ] } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Byte_level_bpe_of_both_spellings_of_merges()
    {
        ITokenizer tokenizer = Load(ByteLevelModel);

        tokenizer.Encode("hi hi", addBos: false).Should().Equal(3, 4);
        tokenizer.Encode("hiü").Should().Equal([8, 3, 7], "the template begins with <s>");
        (tokenizer.BosTokenId, tokenizer.AddsBos, tokenizer.VocabSize).Should().Be((8, true, 11));
        tokenizer.Decode([8, 3, 4, 7]).Should().Be("hi hiü");
        tokenizer.TokenText(5).Should().Be("<0xC3>");
    }

    [Fact]
    public void Added_tokens_follow_their_flags()
    {
        ITokenizer tokenizer = Load(ByteLevelModel);

        tokenizer.Encode("hi<tool>hi", addBos: false).Should().Equal([3, 9, 3], "it is not special");
        tokenizer.Decode([9]).Should().Be("<tool>");
        tokenizer.Encode("<s>", addBos: false).Should().NotContain(8);
        tokenizer.Encode("<s>hi", addBos: false, parseSpecial: true).Should().Equal(8, 3);
        tokenizer.Encode("<|x|>hi", addBos: false).Should().Equal([3], "it looks like a turn marker; '<', '|', 'x' are no tokens here");
        tokenizer.Encode("<|x|>  hi", addBos: false, parseSpecial: true).Should().Equal([10, 3], "it swallows the spaces after it");
    }

    [Theory]
    [InlineData("\"single_word\": true", "hi <tool> hi", new[] { 3, 2, 9, 4 })]
    [InlineData("\"single_word\": true", "h<tool>", new[] { 0 })]
    [InlineData("\"single_word\": true", "<tool>i", new[] { 1 })]
    [InlineData("\"lstrip\": true", "hi  <tool> hi", new[] { 3, 9, 4 })]
    [InlineData("\"rstrip\": true", "hi <tool>  hi", new[] { 3, 2, 9, 3 })]
    public void Added_tokens_strip_and_stand_alone_as_flagged(string flag, string text, int[] expected) =>
        Load(ByteLevelModel.Replace("\"special\": false },", $"\"special\": false, {flag} }},")).Encode(text, addBos: false).Should().Equal(expected);

    [Fact]
    public void Normalized_added_tokens_are_found_in_the_normalized_text()
    {
        string json = ByteLevelModel.Replace("\"pre_tokenizer\"", "\"normalizer\": { \"type\": \"NFC\" }, \"pre_tokenizer\"").Replace("<tool>", "\u00FC!");

        Load(json).Encode("u\u0308!hi", addBos: false).Should().Equal([7, 3], "as written it is another text");
        Load(json.Replace("\"special\": false },", "\"special\": false, \"normalized\": true },")).Encode("u\u0308!hi", addBos: false).Should().Equal(9, 3);
    }

    [Theory]
    [InlineData("{ \"type\": \"Split\", \"pattern\": { \"String\": \"h\" }, \"behavior\": \"MergedWithPrevious\", \"invert\": false }", "ihihi", new[] { 1, 0, 1, 0, 1 })]
    [InlineData("{ \"type\": \"Split\", \"pattern\": { \"String\": \"h\" }, \"behavior\": \"MergedWithNext\", \"invert\": false }", "ihi", new[] { 1, 3 })]
    [InlineData("{ \"type\": \"Punctuation\", \"behavior\": \"Isolated\" }", "hi!hi", new[] { 3, 3 })]
    [InlineData("{ \"type\": \"WhitespaceSplit\" }", "hi hi", new[] { 3, 3 })]
    public void Whatever_cuts_text_comes_before_the_byte_level(string step, string text, int[] expected)
    {
        string json = ByteLevelModel.Replace("{ \"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true }",
            $$"""{ "type": "Sequence", "pretokenizers": [ {{step}}, { "type": "ByteLevel", "add_prefix_space": false, "use_regex": false } ] }""");

        Load(json).Encode(text, addBos: false).Should().Equal(expected);
    }

    [Fact]
    public void Gemma_escapes_spaces_without_one_of_its_own()
    {
        string json = MetaspaceModel.Replace("{ \"type\": \"Prepend\", \"prepend\": \"▁\" },", "").Replace("\"pre_tokenizer\": null",
            "\"pre_tokenizer\": { \"type\": \"Split\", \"pattern\": { \"String\": \" \" }, \"behavior\": \"MergedWithPrevious\", \"invert\": false }")
            .Replace(", { \"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0 }", "");

        Load(json).Encode("ab ab").Should().Equal(5, 6);
        Load(json).Decode([6, 5]).Should().Be(" abab");
    }

    [Fact]
    public void Settings_and_configurations_are_read()
    {
        Write("tokenizer_config.json", """{ "add_bos_token": false, "bos_token": { "content": "<s>" }, "eos_token": "<tool>" }""");
        Write("config.json", """{ "eos_token_id": 3 }""");
        Write("generation_config.json", """{ "eos_token_id": [ 3, 4 ] }""");
        ITokenizer tokenizer = Load(ByteLevelModel);

        (tokenizer.BosTokenId, tokenizer.AddsBos).Should().Be((8, false));
        tokenizer.EndTokenIds.Should().Equal(9, 3, 4);
    }

    [Fact]
    public void Escaped_spaces_with_byte_fallback()
    {
        ITokenizer tokenizer = Load(MetaspaceModel);

        tokenizer.Encode("ab").Should().Equal([6], "▁ and a merge first, then ▁a and b");
        tokenizer.Encode("bab").Should().Equal(1, 3, 5);
        tokenizer.Encode("ü").Should().Equal(1, 7, 8);
        tokenizer.Encode("€€a").Should().Equal([1, 0, 2], "unknown neighbours are one");
        tokenizer.Decode(tokenizer.Encode("ab ü")).Should().Be("ab ü");
        tokenizer.Decode(tokenizer.Encode(" a")).Should().Be(" a", "one space is put before, one taken away");
    }

    [Theory]
    [InlineData("always", true, new[] { 4, 4 })]
    [InlineData("first", true, new[] { 4, 4 })]
    [InlineData("never", true, new[] { 2, 4 })]
    [InlineData("never", false, new[] { 2, 4 })]
    public void Metaspace_pre_tokenizer(string scheme, bool split, int[] expected)
    {
        string json = MetaspaceModel
            .Replace("\"pre_tokenizer\": null", $$"""
            "pre_tokenizer": { "type": "Metaspace", "replacement": "▁", "prepend_scheme": "{{scheme}}", "split": {{(split ? "true" : "false")}} }
            """);
        json = json[..json.IndexOf("\"normalizer\"", StringComparison.Ordinal)] + json[json.IndexOf("\"pre_tokenizer\"", StringComparison.Ordinal)..];

        Load(json).Encode("a a").Should().Equal(expected);
    }

    [Fact]
    public void Qwens_normal_form_holds_whatever_the_globalization_mode()
    {
        string json = ByteLevelModel.Replace("\"pre_tokenizer\"", "\"normalizer\": { \"type\": \"NFC\" }, \"pre_tokenizer\"");

        Load(json).Encode("u\u0308", addBos: false).Should().Equal(7);
    }

    [Theory]
    [InlineData("\"type\": \"BPE\"", "\"type\": \"WordPiece\"", "*WordPiece*BPE*")]
    [InlineData("\"type\": \"ByteLevel\"", "\"type\": \"BertPreTokenizer\"", "*BertPreTokenizer*ByteLevel*")]
    [InlineData("\"pre_tokenizer\"", "\"normalizer\": { \"type\": \"Lowercase\" }, \"pre_tokenizer\"", "*Lowercase*NFC*")]
    [InlineData("{ \"type\": \"ByteLevel\"", "{ \"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": { \"Regex\": \"(\" }, \"x\": 1", "*pattern*")]
    [InlineData("\"merges\"", "\"end_of_word_suffix\": \"</w>\", \"merges\"", "*end_of_word_suffix*")]
    public void What_is_not_supported_is_named(string text, string replacement, string message)
    {
        Action load = () => Load(ByteLevelModel.Replace(text, replacement));

        load.Should().Throw<UnsupportedModelException>().WithMessage(message);
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("\"h\": 0", "\"h\": -1")]
    [InlineData("\"h\": 0", "\"h\": 2000000000")]
    [InlineData("\"h\": 0", "\"h\": 1")]
    [InlineData("\"h\": 0", "\"h\": \"0\"")]
    [InlineData("\"h i\"", "\"h j\"")]
    [InlineData("\"h i\"", "\"hi\"")]
    [InlineData("\"h i\"", "\"h i\", \"h i\"")]
    [InlineData("\"h i\"", "7")]
    [InlineData("\"h i\"", "\"i h\"")]
    [InlineData("\"vocab\"", "\"vocabulary\"")]
    [InlineData("\"model\"", "\"models\"")]
    [InlineData("\"content\": \"<s>\"", "\"contents\": \"<s>\"")]
    [InlineData("\"id\": 8", "\"id\": null")]
    [InlineData("\"content\": \"<s>\"", "\"content\": \"\\ud800\"")]
    [InlineData("\"h\": 0", "\"\\udc00\": 0")]
    public void Damaged_files_are_refused(string text, string replacement)
    {
        int at = ByteLevelModel.IndexOf(text, StringComparison.Ordinal);
        Action load = () => Load(ByteLevelModel[..at] + replacement + ByteLevelModel[(at + text.Length)..]);

        load.Should().Throw<ModelFileException>().Which.File.Should().EndWith("tokenizer.json");
    }

    [Fact]
    public void Ids_of_other_files_must_be_in_range()
    {
        Write("config.json", """{ "eos_token_id": 11 }""");

        this.Invoking(test => test.Load(ByteLevelModel)).Should().Throw<ModelFileException>().WithMessage("*config.json*eos_token_id*11*");
    }

    [Fact]
    public void A_folder_without_tokenizer_says_so()
    {
        TokenizerLoader.HasVocabulary(_folder).Should().BeFalse();
        _folder.Invoking(TokenizerLoader.FromHuggingFace).Should().Throw<ModelFileException>().WithMessage("*tokenizer.json*");
        Load(ByteLevelModel);
        TokenizerLoader.HasVocabulary(_folder).Should().BeTrue();
    }

    [Fact]
    public void A_pattern_that_never_ends_is_stopped()
    {
        string json = ByteLevelModel.Replace("{ \"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true }", """
            { "type": "Sequence", "pretokenizers": [
              { "type": "Split", "pattern": { "Regex": "(h+)+(h+)+(h+)+$" }, "behavior": "Isolated" },
              { "type": "ByteLevel", "add_prefix_space": false, "use_regex": false } ] }
            """);
        JsonDocument.Parse(json).Should().NotBeNull();
        ITokenizer tokenizer = Load(json);

        tokenizer.Encode("hhh", addBos: false).Should().Equal(0, 0, 0);
        tokenizer.Invoking(t => t.Encode(new string('h', 5000) + "i")).Should().Throw<ModelFileException>().WithMessage("*pattern*");
    }

    private ITokenizer Load(string json)
    {
        Write("tokenizer.json", json);
        return TokenizerLoader.FromHuggingFace(_folder);
    }

    private void Write(string file, string content) => File.WriteAllText(Path.Combine(_folder, file), content);
}
