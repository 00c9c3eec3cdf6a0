using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Transformer.Core.Extensions.Hosting;

namespace Transformer.Core.Extensions.AspNetCore;

/// <summary>A model and what answers for it. Nothing is loaded before it is asked for.</summary>
internal sealed class ServedModel(IServiceProvider provider, object? key, OpenAIOptions options)
{
    public OpenAIOptions Options { get; } = options;

    public TransformerModel Model => provider.GetRequiredKeyedService<TransformerModel>(key);

    public TextGenerator Generator => provider.GetRequiredKeyedService<TextGenerator>(key);

    public GenerationGate Gate => provider.GetRequiredKeyedService<GenerationGate>(key);

    public IChatClient Chat => provider.GetRequiredKeyedService<IChatClient>(key);

    public IEmbeddingGenerator<string, Embedding<float>> Embeddings => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key);

    public string Id => Options.ModelId ?? Model.Description.Name;

    public GenerationOptions Defaults => Options.Defaults ?? Generator.DefaultOptions;

    /// <summary>When it came to be served, in seconds of Unix time.</summary>
    public long Created { get; } = Clock(provider).GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Now, in seconds of Unix time.</summary>
    public long Now => Clock(provider).GetUtcNow().ToUnixTimeSeconds();

    private static TimeProvider Clock(IServiceProvider provider) => provider.GetService<TimeProvider>() ?? TimeProvider.System;
}
