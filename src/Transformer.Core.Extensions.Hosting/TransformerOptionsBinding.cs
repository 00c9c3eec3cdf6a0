using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Reads options from configuration; a key that nobody reads and a value that cannot be read are errors.</summary>
internal static class TransformerOptionsBinding
{
    private static readonly string[] Keys =
        [nameof(TransformerOptions.Path), nameof(TransformerOptions.ContextLength), nameof(TransformerOptions.KvCache), nameof(TransformerOptions.Threads), nameof(TransformerOptions.WarmUp), nameof(TransformerOptions.Concurrency)];

    private static readonly string[] WarmUpKeys = [nameof(WarmUpOptions.Mode), nameof(WarmUpOptions.ReadAhead), nameof(WarmUpOptions.PassTokens)];

    private static readonly string[] ConcurrencyKeys = [nameof(ConcurrencyOptions.MaxGenerations), nameof(ConcurrencyOptions.QueueLimit)];

    /// <exception cref="OptionsValidationException">A key is unknown or a value is of another type.</exception>
    public static void Bind(IConfiguration configuration, string name, TransformerOptions options)
    {
        List<string> problems =
        [
            .. Unknown(configuration, Keys),
            .. Unknown(configuration.GetSection(nameof(TransformerOptions.WarmUp)), WarmUpKeys),
            .. Unknown(configuration.GetSection(nameof(TransformerOptions.Concurrency)), ConcurrencyKeys),
        ];
        try
        {
            configuration.Bind(options);
        }
        catch (InvalidOperationException unreadable)
        {
            problems.Add(unreadable.InnerException is { } cause ? $"{unreadable.Message} {cause.Message}" : unreadable.Message);
        }
        if (problems.Count > 0)
            throw new OptionsValidationException(name, typeof(TransformerOptions), problems);
    }

    private static IEnumerable<string> Unknown(IConfiguration section, string[] known) =>
        section.GetChildren()
            .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: expected one of {string.Join(", ", known)}, found a key that is not known.");
}
