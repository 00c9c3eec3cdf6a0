using Microsoft.Extensions.Options;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Checks the options of one model; every message names the configuration key, what was expected and what was found.</summary>
/// <param name="name">The options' name.</param>
/// <param name="section">Where they were read from, such as <c>Transformer</c>.</param>
/// <param name="requiresPath">Whether the model comes from the options.</param>
internal sealed class TransformerOptionsValidator(string name, string section, bool requiresPath) : IValidateOptions<TransformerOptions>
{
    private static readonly WeightFormat[] KvFormats = [WeightFormat.Float32, WeightFormat.Float16, WeightFormat.BFloat16, WeightFormat.Q8_0];

    public string Name => name;

    /// <summary>The format of that name, or null.</summary>
    public static WeightFormat? FindKvFormat(string format) => KvFormats.FirstOrDefault(known => known.Name.Equals(format, StringComparison.OrdinalIgnoreCase));

    public ValidateOptionsResult Validate(string? optionsName, TransformerOptions options)
    {
        if (optionsName != name)
            return ValidateOptionsResult.Skip;
        List<string> problems = [];
        if (requiresPath && string.IsNullOrWhiteSpace(options.Path))
            Add(nameof(options.Path), "a GGUF file or a Hugging Face folder", "none");
        else if (options.Path is { Length: > 0 } path && !File.Exists(path) && !Directory.Exists(path))
            Add(nameof(options.Path), "a GGUF file or a Hugging Face folder", $"nothing at '{path}' (from {Environment.CurrentDirectory})");
        if (options.ContextLength is < 1)
            Add(nameof(options.ContextLength), "at least 1, or no value for what the file says", options.ContextLength);
        if (options.KvCache is { } format && FindKvFormat(format) is null)
            Add(nameof(options.KvCache), $"one of {string.Join(", ", KvFormats.Select(known => known.Name))}", $"'{format}'");
        if (options.Threads is < 1 or > 1024)
            Add(nameof(options.Threads), "1 to 1024, or no value for one for each processor", options.Threads);
        if (!Enum.IsDefined(options.WarmUp.Mode))
            Add("WarmUp:Mode", $"one of {string.Join(", ", Enum.GetNames<WarmUpMode>())}", options.WarmUp.Mode);
        if (options.WarmUp.PassTokens is < 0 or > 4096)
            Add("WarmUp:PassTokens", "0 to 4096", options.WarmUp.PassTokens);
        if (options.WarmUp.ReadAhead && string.IsNullOrEmpty(options.Path))
            Add("WarmUp:ReadAhead", "false where the options do not say the path", "true");
        if (options.Concurrency.MaxGenerations is < 1)
            Add("Concurrency:MaxGenerations", "at least 1, or no value for one for each processor", options.Concurrency.MaxGenerations);
        if (options.Concurrency.QueueLimit < 0)
            Add("Concurrency:QueueLimit", "at least 0", options.Concurrency.QueueLimit);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void Add(string key, string expected, object? found) => problems.Add($"{(section.Length == 0 ? "" : section + ":")}{key}: expected {expected}, found {found}.");
    }
}
