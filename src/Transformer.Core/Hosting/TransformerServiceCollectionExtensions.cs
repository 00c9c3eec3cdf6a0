using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Transformer.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers a model and its generator.</summary>
public static class TransformerServiceCollectionExtensions
{
    /// <summary>Registers the model of a GGUF file or Hugging Face folder (<see cref="TransformerModel"/>, singleton, loaded when first asked for) and its <see cref="TextGenerator"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    public static TransformerServiceBuilder AddTransformer(this IServiceCollection services, string path) =>
        services.AddKeyedTransformer(null, path);

    /// <summary>Registers a model that is composed from nothing.</summary>
    public static TransformerServiceBuilder AddTransformer(this IServiceCollection services, Action<TransformerBuilder> configure) =>
        services.AddKeyedTransformer(null, configure);

    /// <summary>Registers a model whose builder is made with the container's help. Components registered with <see cref="AddTransformerComponent{TComponent, TImplementation}"/> replace the builder's.</summary>
    /// <remarks>An <see cref="IProgress{T}"/> of <see cref="ModelLoadProgress"/> in the container, under the model's key if it has one, is told of the loading; what it throws ends it.</remarks>
    public static TransformerServiceBuilder AddTransformer(this IServiceCollection services, Func<IServiceProvider, TransformerBuilder> create) =>
        services.AddKeyedTransformer(null, create);

    /// <summary>Registers one of several models: ask for it with <c>[FromKeyedServices(key)]</c>.</summary>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    public static TransformerServiceBuilder AddKeyedTransformer(this IServiceCollection services, object? key, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return services.AddKeyedTransformer(key, _ => ModelLoader.Open(path));
    }

    /// <inheritdoc cref="AddKeyedTransformer(IServiceCollection, object, string)"/>
    public static TransformerServiceBuilder AddKeyedTransformer(this IServiceCollection services, object? key, Action<TransformerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddKeyedTransformer(key, _ =>
        {
            TransformerBuilder builder = new();
            configure(builder);
            return builder;
        });
    }

    /// <inheritdoc cref="AddKeyedTransformer(IServiceCollection, object, string)"/>
    public static TransformerServiceBuilder AddKeyedTransformer(this IServiceCollection services, object? key, Func<IServiceProvider, TransformerBuilder> create)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(create);
        services.TryAddKeyedSingleton(key, (provider, own) => ModelLoader.Load(
            () => create(provider).WithComponentsFrom(provider), provider.GetKeyedService<IProgress<ModelLoadProgress>>(own), CancellationToken.None));
        services.TryAddKeyedSingleton(key, (provider, own) => new TextGenerator(provider.GetRequiredKeyedService<TransformerModel>(own)));
        return new TransformerServiceBuilder(services, key);
    }

    /// <summary>
    /// Registers the component that models of this container use: its constructor may ask for the
    /// <see cref="ComponentContext"/> of its place and for any service.
    /// </summary>
    /// <typeparam name="TComponent">The place: <see cref="IEmbedding"/>, <see cref="IPositionalEncoder"/>, <see cref="IAttentionBlock"/>, <see cref="IFeedForward"/>, <see cref="INormalization"/> or <see cref="IOutputHead"/>.</typeparam>
    /// <typeparam name="TImplementation">The component.</typeparam>
    public static IServiceCollection AddTransformerComponent<TComponent, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImplementation>(this IServiceCollection services)
        where TComponent : class
        where TImplementation : class, TComponent
    {
        // ActivatorUtilities refuses an argument that no constructor takes.
        bool asksForContext = typeof(TImplementation).GetConstructors()
            .Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(ComponentContext)));
        services.AddSingleton<Func<ComponentContext, TComponent>>(provider => context => asksForContext
            ? ActivatorUtilities.CreateInstance<TImplementation>(provider, context)
            : ActivatorUtilities.CreateInstance<TImplementation>(provider));
        return services;
    }

    private static TransformerBuilder WithComponentsFrom(this TransformerBuilder builder, IServiceProvider provider)
    {
        if (provider.GetService<Func<ComponentContext, IEmbedding>>() is { } embedding)
            builder.WithEmbedding(embedding);
        if (provider.GetService<Func<ComponentContext, IPositionalEncoder>>() is { } positions)
            builder.WithPositions(positions);
        if (provider.GetService<Func<ComponentContext, IAttentionBlock>>() is { } attention)
            builder.WithAttention(attention);
        if (provider.GetService<Func<ComponentContext, IFeedForward>>() is { } feedForward)
            builder.WithFeedForward(feedForward);
        if (provider.GetService<Func<ComponentContext, INormalization>>() is { } normalization)
            builder.WithNormalization(normalization);
        if (provider.GetService<Func<ComponentContext, IOutputHead>>() is { } head)
            builder.WithOutputHead(head);
        return builder;
    }
}
