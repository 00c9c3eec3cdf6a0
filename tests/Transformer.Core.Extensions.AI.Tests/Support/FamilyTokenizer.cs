using System.Text;
using System.Text.Json;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Extensions.AI.Tests.Support;

/// <summary>A tokenizer.json of the library's own kinds with a family's special tokens over a small vocabulary.</summary>
internal static class FamilyTokenizer
{
    /// <summary>Byte-level BPE (Llama 3, Qwen, DeepSeek, gpt-oss), with merges that cross borders of parts.</summary>
    public static ITokenizer ByteLevel(string[] specials, bool normalized = false, bool composes = false)
    {
        List<string> vocabulary = [.. Enumerable.Range(0, 256).Select(Letter)];
        string[] merges = ["Ċ Ċ", "h i", "t h", "th e", "Ġ hi", "Ġ the", ": Ċ", "e r", "u s", "us er", "| >", "< |"];
        vocabulary.AddRange(merges.Select(merge => merge.Replace(" ", "")));
        return Load(new
        {
            added_tokens = Added(specials, vocabulary.Count, normalized, rstrip: false),
            normalizer = composes ? new { type = "NFC" } : null,
            pre_tokenizer = new { type = "ByteLevel", add_prefix_space = false, trim_offsets = true, use_regex = true },
            model = new { type = "BPE", vocab = Ids(vocabulary), merges },
        });
    }

    /// <summary>BPE over escaped spaces with byte fallback (Llama 2, Mistral, Gemma, Phi 3).</summary>
    public static ITokenizer Metaspace(string[] specials, bool rstrip = false)
    {
        List<string> vocabulary = ["<unk>", .. Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>"), .. Enumerable.Range(33, 94).Select(value => ((char)value).ToString()), "▁"];
        string[] merges = ["h i", "t h", "th e", "▁ hi", "▁ the", "e r", "u s", "us er"];
        vocabulary.AddRange(merges.Select(merge => merge.Replace(" ", "")));
        return Load(new
        {
            added_tokens = Added(specials, vocabulary.Count, false, rstrip),
            normalizer = new
            {
                type = "Sequence",
                normalizers = new object[] { new { type = "Prepend", prepend = "▁" }, new { type = "Replace", pattern = new { String = " " }, content = "▁" } },
            },
            model = new { type = "BPE", vocab = Ids(vocabulary), merges, byte_fallback = true, unk_token = "<unk>", fuse_unk = true },
        });
    }

    private static object[] Added(string[] specials, int first, bool normalized, bool rstrip) =>
        [.. specials.Select((content, index) => (object)new { id = first + index, content, special = true, normalized, lstrip = false, rstrip, single_word = false })];

    private static Dictionary<string, int> Ids(List<string> vocabulary) => vocabulary.Select((token, id) => (token, id)).ToDictionary(pair => pair.token, pair => pair.id);

    private static ITokenizer Load(object json)
    {
        string folder = Directory.CreateTempSubdirectory("transformer-tokenizer").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(json), Encoding.UTF8);
            return TokenizerLoader.FromHuggingFace(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // GPT-2's spelling of bytes
    private static string Letter(int value) =>
        value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF)
            ? ((char)value).ToString()
            : ((char)(256 + Enumerable.Range(0, value).Count(other => other is not ((>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF))))).ToString();
}
