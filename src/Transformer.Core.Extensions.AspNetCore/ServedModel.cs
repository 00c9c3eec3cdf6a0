using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Extensions.Hosting;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>A model and what answers for it. Nothing is loaded before it is asked for.</summary>
internal sealed class ServedModel(IServiceProvider provider, object? key)
{
    private readonly object? _key = key;

    public OpenAIOptions Options { get; } = provider.GetRequiredService<IOptionsMonitor<OpenAIOptions>>().Get(key?.ToString() ?? Microsoft.Extensions.Options.Options.DefaultName);

    public TransformerModel Model => provider.GetRequiredKeyedService<TransformerModel>(_key);

    public TextGenerator Generator => provider.GetRequiredKeyedService<TextGenerator>(_key);

    public GenerationGate Gate => provider.GetRequiredKeyedService<GenerationGate>(_key);

    public IChatClient Chat => provider.GetRequiredKeyedService<IChatClient>(_key);

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(_key);

    /// <summary>How the chat client works, unless somebody else registered it.</summary>
    public TransformerChatClientOptions ChatOptions => new()
    {
        ModelId = Options.ModelId,
        Defaults = Options.Defaults,
        Template = Model.Metadata?.OptionalText(ChatTemplate.MetadataKey) is { Length: > 0 } ? null : Options.FallbackTemplate,
    };

    public string Id => Options.ModelId ?? Model.Description.Name;

    public GenerationOptions Defaults => Options.Defaults ?? Generator.DefaultOptions;

    /// <summary>When it came to be served, in seconds of Unix time.</summary>
    public long Created { get; } = Clock(provider).GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Now, in seconds of Unix time.</summary>
    public long Now => Clock(provider).GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The one of a key.</summary>
    public static ServedModel Find(IServiceProvider provider, object? key) => provider.GetServices<ServedModel>().First(served => Equals(served._key, key));

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
