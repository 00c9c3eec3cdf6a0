using Microsoft.Extensions.AI;
using Transformer.Core;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Extensions.AspNetCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Makes a registered model one that OpenAI's endpoints serve.</summary>
public static class OpenAIServiceBuilderExtensions
{
    /// <summary>
    /// Serves the model over the endpoints of <c>MapOpenAI</c>, with its chat client, embedding generator and gate (<c>AddConcurrencyLimit</c>):
    /// those that are registered already under its key stay. Several models may be served; requests name theirs.
    /// </summary>
    /// <param name="builder">The registered model.</param>
    /// <param name="configure">Changes the options; null: nothing.</param>
    public static TransformerServiceBuilder AddOpenAI(this TransformerServiceBuilder builder, Action<OpenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        OpenAIOptions options = new();
        configure?.Invoke(options);
        object? key = builder.Key;
        builder.AddConcurrencyLimit();
        if (!Has<IChatClient>(builder))
        {
            builder.AddChatClient(provider => new TransformerChatClientOptions
            {
                ModelId = options.ModelId,
                Defaults = options.Defaults,
                Template = provider.GetRequiredKeyedService<TransformerModel>(key).Metadata?.OptionalText(ChatTemplate.MetadataKey) is { Length: > 0 } ? null : options.FallbackTemplate,
            });
        }
        if (!Has<IEmbeddingGenerator<string, Embedding<float>>>(builder))
            builder.AddEmbeddingGenerator(modelId: options.ModelId);
        builder.Services.AddSingleton(provider => new ServedModel(provider, key, options));
        return builder;
    }

    private static bool Has<T>(TransformerServiceBuilder builder) =>
        builder.Services.Any(service => service.ServiceType == typeof(T) && Equals(service.ServiceKey, builder.Key));
}
