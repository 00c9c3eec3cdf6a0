using System.Text;
using System.Text.Json;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// What a Hugging Face folder says of chats and generation, in the files beside config.json: chat templates under
/// GGUF's keys (<c>tokenizer.chat_template</c>, <c>tokenizer.chat_template.NAME</c>), the special tokens as text
/// (<c>bos_token</c>, ...) and generation_config.json under <c>generation_config.KEY</c>.
/// </summary>
/// <remarks>
/// Facts of huggingface/transformers (tokenization_utils_base.py): the template stands in tokenizer_config.json, as a text
/// or a list of {name, template} where <c>default</c> is the main one; chat_template.jinja and
/// additional_chat_templates/NAME.jinja come before it.
/// </remarks>
internal static class HuggingFaceSettings
{
    private const string TemplateKey = "tokenizer.chat_template";
    private const string Default = "default";

    private static readonly string[] Tokens = ["bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token"];

    /// <summary>Keys and values of the files that are there.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ModelFileException">A file is no JSON object.</exception>
    public static IReadOnlyList<(string Key, object Value)> Read(string folder)
    {
        List<(string, object)> values = [];
        AddTemplate(values, TemplateKey, Path.Combine(folder, "chat_template.jinja"));
        string more = Path.Combine(folder, "additional_chat_templates");
        if (Directory.Exists(more))
            foreach (string file in Directory.EnumerateFiles(more, "*.jinja").Order(StringComparer.Ordinal).Take(MetadataSnapshot.LongestList))
                AddTemplate(values, $"{TemplateKey}.{Path.GetFileNameWithoutExtension(file)}", file);
        Read(Path.Combine(folder, "tokenizer_config.json"), root => AddTokenizer(values, root));
        Read(Path.Combine(folder, "chat_template.json"), root => AddTemplates(values, root));
        Read(Path.Combine(folder, "generation_config.json"), root => AddGeneration(values, root));
        return values;
    }

    private static void Read(string path, Action<JsonElement> read)
    {
        if (!File.Exists(path))
            return;
        JsonFile.Read(path, root =>
        {
            read(root);
            return true;
        });
    }

    private static void AddTemplate(List<(string, object)> values, string key, string path)
    {
        FileInfo file = new(path);
        if (!file.Exists)
            return;
        if (file.Length > 4L * MetadataSnapshot.LongestText)
            throw new ModelFileException(path, null, $"a template of at most {MetadataSnapshot.LongestText} characters", $"{file.Length} bytes");
        values.Add((key, File.ReadAllText(path, Encoding.UTF8)));
    }

    private static void AddTokenizer(List<(string, object)> values, JsonElement root)
    {
        AddTemplates(values, root);
        foreach (string name in Tokens)
        {
            if (!root.TryGetProperty(name, out JsonElement token))
                continue;
            if (token.ValueKind == JsonValueKind.Object && token.TryGetProperty("content", out JsonElement content))
                token = content;
            if (token.ValueKind == JsonValueKind.String)
                values.Add((name, token.GetString()!));
        }
    }

    private static void AddTemplates(List<(string, object)> values, JsonElement root)
    {
        if (!root.TryGetProperty("chat_template", out JsonElement template))
            return;
        if (template.ValueKind == JsonValueKind.String)
            values.Add((TemplateKey, template.GetString()!));
        else if (template.ValueKind == JsonValueKind.Array)
            foreach (JsonElement item in template.EnumerateArray())
                if (item.ValueKind == JsonValueKind.Object && Text(item, "name") is { } name && Text(item, "template") is { } text)
                    values.Add((name == Default ? TemplateKey : $"{TemplateKey}.{name}", text));
    }

    private static void AddGeneration(List<(string, object)> values, JsonElement root)
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            object? value = property.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.String => property.Value.GetString(),
                JsonValueKind.Number => property.Value.TryGetInt64(out long integer) ? integer : (object)property.Value.GetDouble(),
                _ => null,
            };
            if (value is not null)
                values.Add(($"generation_config.{property.Name}", value));
        }
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
