using System.Text;
using System.Text.Json;

namespace Transformer.Core.Tokenization;

/// <summary>Builds the tokenizer that a Hugging Face folder describes in <c>tokenizer.json</c>.</summary>
internal static class HuggingFaceLoader
{
    /// <summary>The file that holds vocabulary, merges and all steps.</summary>
    public const string FileName = "tokenizer.json";

    /// <summary>Builds the tokenizer.</summary>
    public static ITokenizer Load(string folder)
    {
        using TokenizerJson file = TokenizerJson.Open(Path.Combine(folder, FileName));
        try
        {
            return Load(folder, file);
        }
        catch (InvalidOperationException cause)
        {
            // JSON may spell half a surrogate pair, which is no text
            throw new ModelFileException(file.Path, null, "well-formed text", cause.Message.TrimEnd('.'), cause);
        }
    }

    private static VocabularyTokenizer Load(string folder, TokenizerJson file)
    {
        JsonElement model = TokenizerJson.Find(file.Root, "model") ?? throw file.Wrong("model", "a model", null);
        if ((TokenizerJson.Text(model, "type") ?? "BPE") is not "BPE" and var type)
            throw new UnsupportedModelException(file.Path, "tokenizer model", type, ["BPE"]);
        foreach (string affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (TokenizerJson.Text(model, affix) is { Length: > 0 } found)
                throw new UnsupportedModelException(file.Path, affix, found, ["none"]);
        }

        HuggingFaceText text = HuggingFaceText.Read(file);
        Dictionary<string, int> vocabulary = ReadVocabulary(file, model);
        List<AddedToken> added = ReadAdded(file);
        List<string> merges = ReadMerges(file, model, vocabulary);

        int count = 1 + vocabulary.Values.Concat(added.Select(token => token.Id)).Max();
        bool byteTokens = TokenizerJson.Flag(model, "byte_fallback") ?? false;
        TokenTable table = CreateTable(count, vocabulary, added, text.IsByteLevel, byteTokens);
        ITextEncoder encoder = text.IsByteLevel
            ? new ByteLevelEncoder(
                file.Path, vocabulary, merges, text.SplitSteps, text.ComposesText,
                TokenizerJson.Flag(model, "ignore_merges") ?? false, text.AddsPrefixSpace, ReadUnknown(file, model, vocabulary))
            : CreateMetaspace(file, model, vocabulary, merges, text, byteTokens);

        Dictionary<string, int> addedIds = added.DistinctBy(token => token.Text).ToDictionary(token => token.Text, token => token.Id);
        HuggingFaceEnds ends = HuggingFaceEnds.Read(
            folder, file, name => addedIds.TryGetValue(name, out int id) || vocabulary.TryGetValue(name, out id) ? id : null, count);
        return new VocabularyTokenizer(
            table, encoder, added, StripsLeadingSpace(file, text), ends.Bos, ends.AddsBos, EndTokens.Collect(ends.Ends, added));
    }

    private static Dictionary<string, int> ReadVocabulary(TokenizerJson file, JsonElement model)
    {
        if (TokenizerJson.Find(model, "vocab") is not { ValueKind: JsonValueKind.Object } entries)
            throw file.Wrong("model.vocab", "an object of tokens and ids", TokenizerJson.Find(model, "vocab"));
        var vocabulary = new Dictionary<string, int>();
        var taken = new HashSet<int>();
        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            int id = file.Id(entry.Value, $"model.vocab '{entry.Name}'");
            if (!taken.Add(id))
                throw file.Wrong($"model.vocab '{entry.Name}'", "an id of its own", entry.Value);
            vocabulary[entry.Name] = id;
        }
        return vocabulary.Count > 0 ? vocabulary : throw file.Wrong("model.vocab", "tokens", entries);
    }

    private static List<AddedToken> ReadAdded(TokenizerJson file)
    {
        var added = new List<AddedToken>();
        foreach (JsonElement entry in file.Items(file.Root, "added_tokens"))
        {
            string content = TokenizerJson.Text(entry, "content") ?? throw file.Wrong("added_tokens", "a content", entry);
            JsonElement value = TokenizerJson.Find(entry, "id") ?? throw file.Wrong("added_tokens", "an id", entry);
            int id = file.Id(value, $"added_tokens '{content}'");
            if (content.Length == 0)
                continue;
            bool special = TokenizerJson.Flag(entry, "special") == true || AddedToken.LooksSpecial(content);
            added.Add(new AddedToken(
                content, id, special ? TokenKind.Special : TokenKind.UserDefined,
                TokenizerJson.Flag(entry, "lstrip") == true, TokenizerJson.Flag(entry, "rstrip") == true,
                TokenizerJson.Flag(entry, "single_word") == true, TokenizerJson.Flag(entry, "normalized") == true));
        }
        return added;
    }

    // a merge is "a b" in older files, ["a", "b"] in newer ones
    private static List<string> ReadMerges(TokenizerJson file, JsonElement model, Dictionary<string, int> vocabulary)
    {
        var merges = new List<string>();
        foreach (JsonElement entry in file.Items(model, "merges"))
        {
            string[] parts = entry.ValueKind switch
            {
                JsonValueKind.String => entry.GetString()!.Split(' '),
                JsonValueKind.Array => [.. entry.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()! : "")],
                _ => [],
            };
            if (parts.Length != 2 || !vocabulary.ContainsKey(parts[0]) || !vocabulary.ContainsKey(parts[1]) || !vocabulary.ContainsKey(parts[0] + parts[1]))
                throw file.Wrong($"model.merges[{merges.Count}]", "two tokens of the vocabulary that join to a third", entry);
            merges.Add($"{parts[0]} {parts[1]}");
        }
        return merges;
    }

    private static string? ReadUnknown(TokenizerJson file, JsonElement model, Dictionary<string, int> vocabulary)
    {
        string? unknown = TokenizerJson.Text(model, "unk_token");
        return unknown is null || vocabulary.ContainsKey(unknown) ? unknown : throw file.Wrong("model.unk_token", "a token of the vocabulary", TokenizerJson.Find(model, "unk_token"));
    }

    private static TokenTable CreateTable(int count, Dictionary<string, int> vocabulary, List<AddedToken> added, bool byteLevel, bool byteTokens)
    {
        var bytes = new byte[]?[count];
        var names = new string?[count];
        Array.Fill(names, "<unused>");
        foreach ((string token, int id) in vocabulary)
        {
            names[id] = null;
            bytes[id] = byteLevel ? ByteLevelAlphabet.BytesOf(token)
                : byteTokens && MetadataLoader.ByteValue(token) is byte value ? [value]
                : Encoding.UTF8.GetBytes(token.Replace('\u2581', ' '));
        }
        foreach (AddedToken token in added)
        {
            bool special = token.Kind == TokenKind.Special;
            names[token.Id] = special ? token.Text : null;
            bytes[token.Id] = special ? null : Encoding.UTF8.GetBytes(byteLevel ? token.Text : token.Text.Replace('\u2581', ' '));
        }
        return new TokenTable(bytes, names);
    }

    private static MetaspaceEncoder CreateMetaspace(
        TokenizerJson file, JsonElement model, Dictionary<string, int> vocabulary, List<string> merges, HuggingFaceText text, bool byteTokens)
    {
        RankRule rule = RankRule.Of(vocabulary, merges);
        int[] byteIds = [.. Enumerable.Range(0, 256).Select(value => byteTokens && vocabulary.TryGetValue($"<0x{value:X2}>", out int id) ? id : -1)];
        return new MetaspaceEncoder(file.Path, vocabulary, rule, byteIds, text.SplitSteps)
        {
            Unknown = ReadUnknown(file, model, vocabulary) is { } name ? vocabulary[name] : null,
            FusesUnknown = TokenizerJson.Flag(model, "fuse_unk") ?? false,
            PrependsSpace = text.PrependsSpace,
            Prefix = text.Prefix,
            SplitsWords = text.SplitsWords,
        };
    }

    // "Strip" takes the space away again; "Metaspace" does so unless it never put one there
    private static bool StripsLeadingSpace(TokenizerJson file, HuggingFaceText text)
    {
        JsonElement? decoder = TokenizerJson.Find(file.Root, "decoder");
        IEnumerable<JsonElement> steps = TokenizerJson.Text(decoder, "type") == "Sequence" ? file.Items(decoder, "decoders") : decoder is { } one ? [one] : [];
        return steps.Any(step => TokenizerJson.Text(step, "type") switch
        {
            "Strip" => TokenizerJson.Text(step, "content") == " ",
            "Metaspace" => text.Prefix != SpacePrefix.Never,
            _ => false,
        });
    }
}
