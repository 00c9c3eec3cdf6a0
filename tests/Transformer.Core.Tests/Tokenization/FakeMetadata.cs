namespace Transformer.Core.Tests.Tokenization;

/// <summary>Metadata held in a dictionary.</summary>
internal sealed class FakeMetadata(string origin = "fake.gguf") : IModelMetadata
{
    public Dictionary<string, object> Values { get; } = [];

    public string Origin => origin;

    public string Architecture => "llama";

    public IEnumerable<string> Keys => Values.Keys;

    public object? Find(string key) => Values.GetValueOrDefault(key);

    /// <summary>A SentencePiece vocabulary in which "ab" merges first and only the bytes of 中 fall back.</summary>
    public static FakeMetadata SentencePiece()
    {
        string[] tokens = ["<unk>", "<s>", "</s>", "<0xE4>", "<0xB8>", "<0xAD>", "\u2581", "a", "b", "c", "ab", "bc", "\u2581a", "<cut>"];
        return new FakeMetadata
        {
            Values =
            {
                ["tokenizer.ggml.model"] = "llama",
                ["tokenizer.ggml.tokens"] = tokens,
                ["tokenizer.ggml.scores"] = new double[] { 0, 0, 0, 0, 0, 0, -10, -11, -12, -13, -1, -2, -3, 0 },
                ["tokenizer.ggml.token_type"] = new long[] { 2, 3, 3, 6, 6, 6, 1, 1, 1, 1, 1, 1, 1, 4 },
                ["tokenizer.ggml.bos_token_id"] = 1L,
                ["tokenizer.ggml.eos_token_id"] = 2L,
            },
        };
    }

    /// <summary>A byte-level vocabulary of all 256 bytes, "he" and "hel", and two special tokens.</summary>
    public static FakeMetadata ByteLevel()
    {
        string[] bytes = [.. Enumerable.Range(0, 256).Select(value => Core.Tokenization.ByteLevelAlphabet.Spell((byte)value).ToString())];
        return new FakeMetadata
        {
            Values =
            {
                ["tokenizer.ggml.model"] = "gpt2",
                ["tokenizer.ggml.pre"] = "gpt-2",
                ["tokenizer.ggml.tokens"] = (string[])[.. bytes, "he", "hel", "<|end|>", "<|end|>er"],
                ["tokenizer.ggml.token_type"] = (long[])[.. Enumerable.Repeat(1L, 258), 3, 3],
                ["tokenizer.ggml.merges"] = (string[])["h e", "he l"],
                ["tokenizer.ggml.eos_token_id"] = 258L,
            },
        };
    }
}
