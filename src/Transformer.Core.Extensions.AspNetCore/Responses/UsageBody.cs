namespace Transformer.Core.Extensions.AspNetCore;

internal sealed record UsageBody(long PromptTokens, long CompletionTokens, PromptTokensDetails PromptTokensDetails)
{
    public long TotalTokens => PromptTokens + CompletionTokens;
}

internal sealed record PromptTokensDetails(long CachedTokens);
