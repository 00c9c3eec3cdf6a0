namespace Microsoft.Extensions.DependencyInjection;

/// <summary>A registered model, on which further registrations hang: <c>services.AddTransformer(path).AddChatClient()</c>.</summary>
/// <remarks>
/// An extension registers its services under <see cref="Key"/> with the keyed methods of <see cref="Services"/>, and asks
/// for the model with <c>GetRequiredKeyedService&lt;TransformerModel&gt;(Key)</c>: with a null key these are the unkeyed ones.
/// </remarks>
public sealed class TransformerServiceBuilder
{
    internal TransformerServiceBuilder(IServiceCollection services, object? key)
    {
        Services = services;
        Key = key;
    }

    /// <summary>The container's registrations.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The model's key; null for the one without.</summary>
    public object? Key { get; }
}
