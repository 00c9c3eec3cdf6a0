using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Transformer.Core.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What a host adds to a model.</summary>
public static class TransformerHostingBuilderExtensions
{
    /// <summary>Loads the model and runs a short pass before the host starts, or while it runs (<see cref="WarmUpOptions.Mode"/>). Progress goes to the log.</summary>
    /// <param name="builder">The model.</param>
    /// <param name="configure">Changes the options, after configuration; null: nothing.</param>
    public static TransformerServiceBuilder AddWarmUp(this TransformerServiceBuilder builder, Action<WarmUpOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WithOptions(configure is null ? null : options => configure(options.WarmUp)).WithStatus();
        object? key = builder.Key;
        if (builder.Services.Any(service => service.ServiceType == typeof(WarmUpService) && Equals(service.ServiceKey, key)))
            return builder;
        builder.Services.AddKeyedSingleton(key, (provider, own) => new WarmUpService(provider, own));
        builder.Services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<WarmUpService>(key));
        return builder;
    }

    /// <summary>
    /// Registers a health check: <see cref="HealthStatus.Healthy"/> once the model is loaded, with its name, parameters and
    /// context as data; <see cref="HealthStatus.Unhealthy"/> with the exception if it could not be. It never loads the model.
    /// </summary>
    /// <param name="builder">The model.</param>
    /// <param name="name">The check's name; null: <c>transformer</c>, with the key behind it if there is one.</param>
    /// <param name="untilLoaded">What it says until then. Choose <see cref="HealthStatus.Unhealthy"/> to keep requests away, with a warm-up that loads the model without them.</param>
    /// <param name="tags">The check's tags.</param>
    public static TransformerServiceBuilder AddHealthCheck(this TransformerServiceBuilder builder, string? name = null, HealthStatus untilLoaded = HealthStatus.Degraded, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WithStatus();
        object? key = builder.Key;
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? (key is null ? "transformer" : $"transformer-{key}"),
            provider => new TransformerHealthCheck(provider.GetRequiredKeyedService<ModelStatus>(key), untilLoaded),
            failureStatus: null,
            tags));
        return builder;
    }

    /// <summary>Registers a <see cref="GenerationGate"/> under the model's key.</summary>
    /// <param name="builder">The model.</param>
    /// <param name="configure">Changes the options, after configuration; null: nothing.</param>
    public static TransformerServiceBuilder AddConcurrencyLimit(this TransformerServiceBuilder builder, Action<ConcurrencyOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.WithOptions(configure is null ? null : options => configure(options.Concurrency));
        builder.Services.TryAddKeyedSingleton(builder.Key, (provider, own) => new GenerationGate(
            provider.GetRequiredService<IOptionsMonitor<TransformerOptions>>().Get(TransformerOptionsName.Of(own)).Concurrency,
            provider.GetService<TimeProvider>(),
            provider.GetService<ILogger<GenerationGate>>()));
        return builder;
    }

    /// <summary>Changes the options of a model that came from configuration.</summary>
    /// <param name="builder">The model.</param>
    /// <param name="configure">Changes them, after configuration and before they are checked.</param>
    public static TransformerServiceBuilder Configure(this TransformerServiceBuilder builder, Action<TransformerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.WithOptions(configure);
    }

    /// <summary>Checks the options of every model, also of one that was not registered with any.</summary>
    private static TransformerServiceBuilder WithOptions(this TransformerServiceBuilder builder, Action<TransformerOptions>? configure)
    {
        string name = TransformerOptionsName.Of(builder.Key);
        OptionsBuilder<TransformerOptions> options = builder.Services.AddOptions<TransformerOptions>(name);
        if (configure is not null)
            options.Configure(configure);
        if (!builder.Services.Any(service => !service.IsKeyedService && service.ImplementationInstance is TransformerOptionsValidator known && known.Name == name))
        {
            options.ValidateOnStart();
            builder.Services.AddSingleton<IValidateOptions<TransformerOptions>>(new TransformerOptionsValidator(name, nameof(TransformerOptions), requiresPath: false));
        }
        return builder;
    }
}
