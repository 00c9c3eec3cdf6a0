namespace Transformer.Core.Extensions.AspNetCore;

internal sealed record EmbeddingResponse(string Model, IReadOnlyList<EmbeddingEntry> Data, EmbeddingUsage Usage)
{
    public string Object => "list";
}

/// <param name="Index">Which text.</param>
/// <param name="Embedding">Numbers, or a string of base64 of their little-endian bytes.</param>
internal sealed record EmbeddingEntry(int Index, object Embedding)
{
    public string Object => "embedding";
}

internal sealed record EmbeddingUsage(long PromptTokens, long TotalTokens);
