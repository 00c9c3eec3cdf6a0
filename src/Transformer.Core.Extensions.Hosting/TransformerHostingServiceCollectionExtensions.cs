using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Transformer.Core;
using Transformer.Core.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers models that configuration describes.</summary>
public static class TransformerHostingServiceCollectionExtensions
{
    /// <summary>Registers the model that a section of the configuration describes (<see cref="TransformerOptions"/>), checked when the host starts.</summary>
    /// <param name="services">The container's registrations.</param>
    /// <param name="configuration">The section, such as <c>configuration.GetSection("Transformer")</c>. Read once: a model does not change while it runs.</param>
    /// <param name="change">What is changed of the model that was opened; null: nothing.</param>
    /// <remarks>What is wrong with the section (a key that is not known, a value that cannot be, a path where nothing is) throws <see cref="OptionsValidationException"/> when the host starts, or where the model is first asked for without a host; each message names the key.</remarks>
    public static TransformerServiceBuilder AddTransformer(this IServiceCollection services, IConfiguration configuration, Action<TransformerBuilder>? change = null) =>
        services.AddKeyedTransformer(null, configuration, change);

    /// <summary>Registers one of several models that the configuration describes: ask for it with <c>[FromKeyedServices(key)]</c>.</summary>
    /// <inheritdoc cref="AddTransformer(IServiceCollection, IConfiguration, Action{TransformerBuilder}?)" path="/remarks"/>
    /// <param name="services">The container's registrations.</param>
    /// <param name="key">The model's key. Its options have the same name.</param>
    /// <param name="configuration">The section.</param>
    /// <param name="change">What is changed of the model that was opened; null: nothing.</param>
    public static TransformerServiceBuilder AddKeyedTransformer(this IServiceCollection services, object? key, IConfiguration configuration, Action<TransformerBuilder>? change = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        string name = TransformerOptionsName.Of(key);
        TransformerServiceBuilder builder = services.AddKeyedTransformer(key, provider =>
        {
            TransformerBuilder opened = Open(provider.GetRequiredService<IOptionsMonitor<TransformerOptions>>().Get(name));
            change?.Invoke(opened);
            return opened;
        });
        string section = (configuration as IConfigurationSection)?.Path ?? "";
        services.AddOptions<TransformerOptions>(name)
            .Configure(options => TransformerOptionsBinding.Bind(configuration, name, options))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<TransformerOptions>>(new TransformerOptionsValidator(name, section, requiresPath: true));
        return builder.WithStatus();
    }

    private static TransformerBuilder Open(TransformerOptions options)
    {
        TransformerBuilder builder = ModelLoader.Open(options.Path!);
        if (options.ContextLength is { } contextLength)
            builder.WithContextLength(contextLength);
        if (options.KvCache is { } format)
            builder.WithKvCache(TransformerOptionsValidator.FindKvFormat(format)!);
        if (options.Threads is { } threads)
            builder.WithThreads(threads);
        return builder;
    }
}
