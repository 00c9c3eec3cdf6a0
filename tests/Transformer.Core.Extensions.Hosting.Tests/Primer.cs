using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Transformer.Core.Extensions.Hosting.Tests;

/// <summary>The small trained model beside the tests, and hosts that serve it.</summary>
internal static class Primer
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "primer.gguf");

    /// <summary>A host's builder that reads nothing but these keys.</summary>
    public static HostApplicationBuilder Host(params (string Key, string Value)[] settings)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)));
        return builder;
    }
}
