using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;
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
    /// <param name="configure">Changes the options, which have the name of the model's key; null: nothing.</param>
    public static TransformerServiceBuilder AddOpenAI(this TransformerServiceBuilder builder, Action<OpenAIOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        object? key = builder.Key;
        OptionsBuilder<OpenAIOptions> registration = builder.Services.AddOptions<OpenAIOptions>(key?.ToString() ?? Options.Options.DefaultName);
        if (configure is not null)
            registration.Configure(configure);
        builder.AddConcurrencyLimit();
        if (!Has<IChatClient>(builder))
        {
            builder.AddChatClient(provider => ServedModel.Find(provider, key).ChatOptions);
        }
        if (!Has<IEmbeddingGenerator<string, Embedding<float>>>(builder))
            builder.AddEmbeddingGenerator();
        builder.Services.AddSingleton(provider => new ServedModel(provider, key));
        return builder;
    }

    private static bool Has<T>(TransformerServiceBuilder builder) =>
        builder.Services.Any(service => service.ServiceType == typeof(T) && Equals(service.ServiceKey, builder.Key));
}
