using Microsoft.Extensions.Options;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Options are named by strings, models by keys.</summary>
internal static class TransformerOptionsName
{
    public static string Of(object? key) => key?.ToString() ?? Options.DefaultName;
}
