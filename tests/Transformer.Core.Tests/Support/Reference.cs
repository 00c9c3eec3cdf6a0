using System.Text.Json;

namespace Transformer.Core.Tests.Support;

/// <summary>What PyTorch computed (tests/reference); lies beside the test assembly.</summary>
internal static class Reference
{
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "reference", name);

    /// <summary>The tokens of a model and its logits after each.</summary>
    public static (int[] Tokens, float[] Logits) Logits(string model)
    {
        JsonElement root = Read(Path.Combine(Folder(model), "logits.json"));
        return ([.. root.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())], [.. root.GetProperty("logits").EnumerateArray().SelectMany(Floats)]);
    }

    /// <summary>Cases of one kind of component.</summary>
    public static IEnumerable<JsonElement> Components(string kind) => Read(Folder("components.json")).GetProperty(kind).EnumerateArray();

    public static float[] Floats(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetSingle())];

    public static float[] Numbers(this JsonElement element, string name) => element.GetProperty(name).Floats();

    private static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
