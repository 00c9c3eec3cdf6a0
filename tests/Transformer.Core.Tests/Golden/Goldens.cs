using System.Text.Json;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Golden;

/// <summary>Reading the reference outputs.</summary>
internal static class Goldens
{
    public static IEnumerable<JsonElement> Lines(params string[] path)
    {
        foreach (string line in File.ReadLines(TestData.Path(path)))
        {
            if (line.Length == 0)
                continue;
            using JsonDocument document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    public static int[] Ints(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetInt32())];

    public static float[] Floats(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(e => e.GetSingle())];

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
