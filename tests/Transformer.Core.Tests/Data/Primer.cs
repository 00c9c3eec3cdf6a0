using System.Text.Json;

namespace Transformer.Core.Tests.Data;

/// <summary>The trained model that is kept in the repository, and what PyTorch computed from the same weights.</summary>
internal static class Primer
{
    public static string File { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "primer.gguf");

    public static JsonElement Reference { get; } = Read();

    private static JsonElement Read()
    {
        using JsonDocument document = JsonDocument.Parse(System.IO.File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "reference.json")));
        return document.RootElement.Clone();
    }
}
