using System.Text.Json;

namespace Transformer.Core.Tokenization;

/// <summary>How a text begins and ends, which a Hugging Face folder says in up to four files.</summary>
/// <param name="Bos">The token that begins a sequence, or null.</param>
/// <param name="AddsBos">Whether it comes first by default.</param>
/// <param name="Ends">Tokens that end a text.</param>
internal sealed record HuggingFaceEnds(int? Bos, bool AddsBos, int[] Ends)
{
    /// <summary>Reads the files that are there.</summary>
    /// <param name="folder">The folder of the model.</param>
    /// <param name="tokenizer">Its tokenizer.json.</param>
    /// <param name="find">The id of a token, or null.</param>
    /// <param name="count">Number of ids.</param>
    /// <exception cref="ModelFileException">An id is out of range.</exception>
    public static HuggingFaceEnds Read(string folder, TokenizerJson tokenizer, Func<string, int?> find, int count)
    {
        using TokenizerJson? settings = TokenizerJson.OpenIfExists(Path.Combine(folder, "tokenizer_config.json"));
        using TokenizerJson? config = TokenizerJson.OpenIfExists(Path.Combine(folder, "config.json"));
        using TokenizerJson? generation = TokenizerJson.OpenIfExists(Path.Combine(folder, "generation_config.json"));

        int? template = TemplateStart(tokenizer, find);
        int? bos = Named(settings, "bos_token", find) ?? template
            ?? Ids(config, "bos_token_id", count).Concat(Ids(generation, "bos_token_id", count)).Cast<int?>().FirstOrDefault();
        // the setting comes before the template: classes such as LlamaTokenizerFast rewrite the template by it
        bool adds = TokenizerJson.Flag(settings?.Root, "add_bos_token") ?? template is not null;

        var ends = new List<int>();
        if (Named(settings, "eos_token", find) is int eos)
            ends.Add(eos);
        ends.AddRange(Ids(config, "eos_token_id", count));
        ends.AddRange(Ids(generation, "eos_token_id", count));
        return new HuggingFaceEnds(bos, adds, [.. ends]);
    }

    private static int? Named(TokenizerJson? file, string key, Func<string, int?> find)
    {
        JsonElement? value = TokenizerJson.Find(file?.Root, key);
        string? name = value?.ValueKind == JsonValueKind.String ? value.Value.GetString() : TokenizerJson.Text(value, "content");
        return name is null ? null : find(name);
    }

    private static List<int> Ids(TokenizerJson? file, string key, int count)
    {
        var ids = new List<int>();
        if (TokenizerJson.Find(file?.Root, key) is { } value)
        {
            foreach (JsonElement item in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
            {
                int id = file!.Id(item, key);
                if (id >= count)
                    throw file.Wrong(key, $"an id from 0 to {count - 1}", item);
                ids.Add(id);
            }
        }
        return ids;
    }

    // the special token that the post_processor puts first, if it does
    private static int? TemplateStart(TokenizerJson tokenizer, Func<string, int?> find)
    {
        JsonElement? processor = TokenizerJson.Find(tokenizer.Root, "post_processor");
        IEnumerable<JsonElement> steps = TokenizerJson.Text(processor, "type") == "Sequence" ? tokenizer.Items(processor, "processors") : processor is { } one ? [one] : [];
        foreach (JsonElement step in steps)
        {
            if (TokenizerJson.Text(step, "type") != "TemplateProcessing")
                continue;
            foreach (JsonElement part in tokenizer.Items(step, "single"))
                return TokenizerJson.Text(TokenizerJson.Find(part, "SpecialToken"), "id") is { } name ? find(name) : null;
        }
        return null;
    }
}
