using Microsoft.Extensions.AI;
using Transformer.Core;
using Transformer.Core.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Chat client and embedding generator of a registered model.</summary>
public static class TransformerChatServiceBuilderExtensions
{
    /// <summary>Registers an <see cref="IChatClient"/> of the model, under the model's key. A singleton; the model is loaded when it is first asked for.</summary>
    /// <param name="builder">The registered model.</param>
    /// <param name="options">How the client works; null: as the model's file says. The container's <see cref="TimeProvider"/>, if it has one, is the clock.</param>
    public static TransformerServiceBuilder AddChatClient(this TransformerServiceBuilder builder, TransformerChatClientOptions? options = null) =>
        builder.AddChatClient(_ => options ?? new TransformerChatClientOptions());

    /// <summary>Registers an <see cref="IChatClient"/> of the model, with options made with the container's help.</summary>
    /// <param name="builder">The registered model.</param>
    /// <param name="options">Makes the options.</param>
    public static TransformerServiceBuilder AddChatClient(this TransformerServiceBuilder builder, Func<IServiceProvider, TransformerChatClientOptions> options)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(options);
        builder.Services.AddKeyedSingleton<IChatClient>(builder.Key, (provider, key) =>
        {
            TransformerChatClientOptions chosen = options(provider);
            return new TransformerChatClient(
                provider.GetRequiredKeyedService<TransformerModel>(key),
                chosen with { TimeProvider = chosen.TimeProvider ?? provider.GetService<TimeProvider>() });
        });
        return builder;
    }

    /// <summary>Registers an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of the model, under the model's key.</summary>
    /// <param name="builder">The registered model.</param>
    /// <param name="pooling">How hidden states become one vector.</param>
    /// <param name="modelId">The model's name in results; null: that of its description.</param>
    public static TransformerServiceBuilder AddEmbeddingGenerator(this TransformerServiceBuilder builder, EmbeddingPooling pooling = EmbeddingPooling.Mean, string? modelId = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKeyedSingleton<IEmbeddingGenerator<string, Embedding<float>>>(builder.Key, (provider, key) => new TransformerEmbeddingGenerator(
            provider.GetRequiredKeyedService<TransformerModel>(key), pooling, modelId, provider.GetService<TimeProvider>()));
        builder.Services.AddKeyedSingleton<IEmbeddingGenerator>(builder.Key, (provider, key) => provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(key));
        return builder;
    }
}
