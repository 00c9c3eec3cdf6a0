using System.Globalization;
using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>Builds the tokenizer that a GGUF file carries in its metadata (<c>tokenizer.ggml.*</c>).</summary>
internal static class MetadataLoader
{
    private const string ModelKey = "tokenizer.ggml.model";
    private const string TokensKey = "tokenizer.ggml.tokens";

    /// <summary>Whether the metadata has a vocabulary.</summary>
    public static bool HasVocabulary(IModelMetadata metadata) =>
        metadata.OptionalText(ModelKey) is { } model ? model is not ("none" or "no_vocab") : metadata.Find(TokensKey) is not null;

    /// <summary>Builds the tokenizer.</summary>
    public static ITokenizer Load(IModelMetadata metadata)
    {
        if (!HasVocabulary(metadata))
            throw new ModelFileException(metadata.Origin, ModelKey, "a vocabulary", metadata.OptionalText(ModelKey) ?? "no such key");
        string? model = metadata.OptionalText(ModelKey);
        return model switch
        {
            "gpt2" => LoadByteLevel(metadata),
            "llama" => LoadSentencePiece(metadata),
            "gemma4" => LoadSentencePiece(metadata, merged: true),
            _ => throw new UnsupportedModelException(metadata.Origin, $"tokenizer ({ModelKey})", model ?? "", ["gpt2", "llama", "gemma4"]),
        };
    }

    private static VocabularyTokenizer LoadByteLevel(IModelMetadata metadata)
    {
        PreTokenizerKind kind = PreTokenizerKind.Find(metadata.Origin, metadata.OptionalText("tokenizer.ggml.pre"));
        string[] tokens = Array<string>(metadata, TokensKey, null)!;
        long[]? types = Array<long>(metadata, "tokenizer.ggml.token_type", tokens.Length);
        string[] merges = Array<string>(metadata, "tokenizer.ggml.merges", null)!;

        var bytes = new byte[]?[tokens.Length];
        var names = new string?[tokens.Length];
        var added = new List<AddedToken>();
        var vocabulary = new Dictionary<string, int>(tokens.Length);
        for (int id = 0; id < tokens.Length; id++)
        {
            string token = tokens[id];
            long type = types?[id] ?? 1;
            if (AddIfAdded(token, id, type, added))
                names[id] = type == 4 ? null : token;
            else
                vocabulary.TryAdd(token, id);
            // what is not spelled in bytes is its own text
            if (type is 1 or 6)
                bytes[id] = ByteLevelAlphabet.BytesOf(token);
            else if (type == 4)
                bytes[id] = Encoding.UTF8.GetBytes(token);
            else
                names[id] = token;
        }
        // merges may lead to a user-defined token, but never may it hide a token of the same spelling: 'ø' is a byte too
        foreach (AddedToken token in added.Where(token => token.Kind == TokenKind.UserDefined))
            vocabulary.TryAdd(token.Text, token.Id);

        var encoder = new ByteLevelEncoder(metadata.Origin, vocabulary, merges, [.. kind.Patterns.Select(pattern => new SplitStep(pattern))], kind.ComposesText, kind.PrefersWholePieces);
        return Create(metadata, new TokenTable(bytes, names), encoder, added, stripsLeadingSpace: false, kind.AddsBos, null, null);
    }

    // merged: by a list of merges (Gemma 4) instead of by scores, and without a space before the text
    private static VocabularyTokenizer LoadSentencePiece(IModelMetadata metadata, bool merged = false)
    {
        string[] tokens = Array<string>(metadata, TokensKey, null)!;
        long[]? types = Array<long>(metadata, "tokenizer.ggml.token_type", tokens.Length);
        var bytes = new byte[]?[tokens.Length];
        var names = new string?[tokens.Length];
        var added = new List<AddedToken>();
        var vocabulary = new Dictionary<string, int>(tokens.Length);
        int[] byteIds = new int[256];
        System.Array.Fill(byteIds, -1);
        int? unknown = null;
        for (int id = 0; id < tokens.Length; id++)
        {
            string token = tokens[id];
            long type = types?[id] ?? 1;
            if (type == 2)
                unknown ??= id;
            if (type == 6 && ByteValue(token) is byte value)
            {
                byteIds[value] = id;
                bytes[id] = [value];
                continue;
            }
            if (AddIfAdded(token, id, type, added) && type != 4)
            {
                names[id] = token;
                continue;
            }
            if (type == 5)
                names[id] = token;
            else
                bytes[id] = Encoding.UTF8.GetBytes(token.Replace('\u2581', ' '));
            vocabulary.TryAdd(token, id);
        }

        // Phi-3's marks swallow the white space after them, which GGUF has no key for; llama.cpp goes by the name, too
        if (metadata.OptionalText("general.name") is { } model && (model.Contains("phi-3", StringComparison.OrdinalIgnoreCase) || model.Contains("phi3", StringComparison.OrdinalIgnoreCase)))
            added = [.. added.Select(token => token with { StripsRight = token.Text is not ("<unk>" or "<s>" or "<|endoftext|>") })];

        bool prefix = metadata.OptionalBoolean("tokenizer.ggml.add_space_prefix") ?? !merged;
        IMergeRule rule = merged
            ? RankRule.Of(vocabulary, Array<string>(metadata, "tokenizer.ggml.merges", null)!)
            : new ScoreRule(vocabulary, Array<double>(metadata, "tokenizer.ggml.scores", tokens.Length)
                ?? throw new ModelFileException(metadata.Origin, "tokenizer.ggml.scores", "a score for each token", "no such key"));
        var encoder = new MetaspaceEncoder(metadata.Origin, vocabulary, rule, byteIds, merged ? [new SplitStep(SplitPatterns.Lines())] : [])
        {
            Unknown = Id(metadata, "tokenizer.ggml.unknown_token_id", tokens.Length) ?? unknown,
            PrependsSpace = prefix,
            PrefersWholeBreaks = merged,
        };
        if (merged)
            return Create(metadata, new TokenTable(bytes, names), encoder, added, prefix, addsBos: true, null, null);
        // SentencePiece's own numbers, where an old file does not name them
        (int? bos, int? eos) = tokens.Length > 2 ? (1, 2) : ((int?)null, (int?)null);
        return Create(metadata, new TokenTable(bytes, names), encoder, added, prefix, addsBos: true, bos, eos);
    }

    private static VocabularyTokenizer Create(
        IModelMetadata metadata, TokenTable table, ITextEncoder encoder, List<AddedToken> added, bool stripsLeadingSpace, bool addsBos, int? defaultBos, int? defaultEos)
    {
        int? bos = Id(metadata, "tokenizer.ggml.bos_token_id", table.Count) ?? defaultBos;
        int?[] ends =
        [
            Id(metadata, "tokenizer.ggml.eos_token_id", table.Count) ?? defaultEos,
            Id(metadata, "tokenizer.ggml.eot_token_id", table.Count),
            Id(metadata, "tokenizer.ggml.eom_token_id", table.Count),
        ];
        addsBos = metadata.OptionalBoolean("tokenizer.ggml.add_bos_token") ?? addsBos;
        return new VocabularyTokenizer(table, encoder, added, stripsLeadingSpace, bos, addsBos, EndTokens.Collect(ends.OfType<int>(), added));
    }

    private static bool AddIfAdded(string token, int id, long type, List<AddedToken> added)
    {
        TokenKind? kind = type switch { 2 or 3 => TokenKind.Special, 4 => TokenKind.UserDefined, _ => null };
        if (kind is null)
            return false;
        if (token.Length > 0)
            added.Add(new AddedToken(token, id, kind.Value));
        return true;
    }

    /// <summary>The byte that a token <c>&lt;0x0A&gt;</c> stands for, or null if it is none.</summary>
    public static byte? ByteValue(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value) ? value : null;

    // files write 4294967295 or -1 for "none"
    private static int? Id(IModelMetadata metadata, string key, int count) => metadata.Find(key) switch
    {
        null or -1L or (long)uint.MaxValue => null,
        long id when id >= 0 && id < count => (int)id,
        object other => throw new ModelFileException(metadata.Origin, key, $"an id from 0 to {count - 1}", $"{other}"),
    };

    // length null: the list must be there, of any length; otherwise it may be missing
    private static T[]? Array<T>(IModelMetadata metadata, string key, int? length)
    {
        object? found = metadata.Find(key);
        if (found is null && length is not null)
            return null;
        if (found is not T[] array)
            throw new ModelFileException(metadata.Origin, key, $"a list of {typeof(T).Name}", found?.GetType().Name ?? "no such key");
        if (array.Length == 0 || (length is not null && array.Length != length))
            throw new ModelFileException(metadata.Origin, key, length is null ? "a list that is not empty" : $"{length} entries, one a token", $"{array.Length}");
        return array;
    }
}
