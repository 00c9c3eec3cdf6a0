using System.Globalization;
using System.Text.Json;

namespace Transformer.Core.Extensions.AI;

/// <summary>
/// Options of <see cref="GenerationOptions"/> that <c>ChatOptions</c> has no property for, by their names in
/// <c>AdditionalProperties</c>: <c>MinP</c> or <c>min_p</c>, and so on.
/// </summary>
internal static class NamedOptions
{
    private static readonly Dictionary<string, Func<GenerationOptions, Value, GenerationOptions>> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["MinP"] = (options, value) => options with { MinP = value.Number() },
        ["TypicalP"] = (options, value) => options with { TypicalP = value.Number() },
        ["TopNSigma"] = (options, value) => options with { TopNSigma = value.Number() },
        ["DynamicTemperatureRange"] = (options, value) => options with { DynamicTemperatureRange = value.Number() },
        ["DynamicTemperatureExponent"] = (options, value) => options with { DynamicTemperatureExponent = value.Number() },
        ["XtcProbability"] = (options, value) => options with { XtcProbability = value.Number() },
        ["XtcThreshold"] = (options, value) => options with { XtcThreshold = value.Number() },
        ["RepetitionPenalty"] = (options, value) => options with { RepetitionPenalty = value.Number() },
        ["RepetitionWindow"] = (options, value) => options with { RepetitionWindow = value.Integer() },
        ["NoRepeatNgramSize"] = (options, value) => options with { NoRepeatNgramSize = value.Integer() },
        ["DryMultiplier"] = (options, value) => options with { DryMultiplier = value.Number() },
        ["DryBase"] = (options, value) => options with { DryBase = value.Number() },
        ["DryAllowedLength"] = (options, value) => options with { DryAllowedLength = value.Integer() },
        ["DryWindow"] = (options, value) => options with { DryWindow = value.Integer() },
        ["Mirostat"] = (options, value) => options with { Mirostat = value.Integer() },
        ["MirostatTau"] = (options, value) => options with { MirostatTau = value.Number() },
        ["MirostatEta"] = (options, value) => options with { MirostatEta = value.Number() },
        ["Logprobs"] = (options, value) => options with { Logprobs = value.Flag() },
        ["TopLogprobs"] = (options, value) => options with { TopLogprobs = value.Integer() },
        ["IgnoreEndTokens"] = (options, value) => options with { IgnoreEndTokens = value.Flag() },
        ["ShiftContext"] = (options, value) => options with { ShiftContext = value.Flag() },
        ["KeepTokens"] = (options, value) => options with { KeepTokens = value.Integer() },
        ["LogitBias"] = (options, value) => options with { LogitBias = value.Bias() },
    };

    /// <summary>Applies one.</summary>
    /// <param name="options">The options so far.</param>
    /// <param name="name">Its name; case and underscores do not matter.</param>
    /// <param name="raw">Its value: a number, a boolean, a text of one, or JSON.</param>
    /// <param name="variables">Where <c>chat_template_kwargs</c>, variables for the template, go.</param>
    /// <exception cref="NotSupportedException">There is no such option.</exception>
    /// <exception cref="ArgumentException">It has another type.</exception>
    public static GenerationOptions Apply(GenerationOptions options, string name, object? raw, Dictionary<string, object?> variables)
    {
        string plain = name.Replace("_", "", StringComparison.Ordinal);
        if (plain.Equals("ChatTemplateKwargs", StringComparison.OrdinalIgnoreCase))
        {
            foreach ((string variable, object? value) in Entries(name, raw))
                variables[variable] = value;
            return options;
        }
        return Known.TryGetValue(plain, out Func<GenerationOptions, Value, GenerationOptions>? apply)
            ? apply(options, new Value(name, raw))
            : throw new NotSupportedException($"AdditionalProperties: unknown option '{name}'. Known: {string.Join(", ", Known.Keys)}, chat_template_kwargs.");
    }

    private static IEnumerable<KeyValuePair<string, object?>> Entries(string name, object? raw) => raw switch
    {
        JsonElement { ValueKind: JsonValueKind.Object } element => element.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, (object?)entry.Value)),
        IEnumerable<KeyValuePair<string, object?>> entries => entries,
        _ => throw new ArgumentException($"AdditionalProperties: {name}: expected a dictionary, found {raw?.GetType().Name ?? "null"}."),
    };

    private readonly record struct Value(string Name, object? Raw)
    {
        public double Number() => Raw switch
        {
            JsonElement { ValueKind: JsonValueKind.Number } element => element.GetDouble(),
            JsonElement { ValueKind: JsonValueKind.String } element => new Value(Name, element.GetString()).Number(),
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => number,
            float number => double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            double or decimal or int or long or short or byte => Convert.ToDouble(Raw, CultureInfo.InvariantCulture),
            _ => throw Wrong("a number"),
        };

        public int Integer() => Number() is var number && number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : throw Wrong("an integer");

        public bool Flag() => Raw switch
        {
            bool flag => flag,
            JsonElement { ValueKind: JsonValueKind.True } => true,
            JsonElement { ValueKind: JsonValueKind.False } => false,
            string text when bool.TryParse(text, out bool flag) => flag,
            _ => throw Wrong("true or false"),
        };

        public IReadOnlyDictionary<int, double> Bias()
        {
            if (Raw is IReadOnlyDictionary<int, double> bias)
                return bias;
            string name = Name;
            return Entries(Name, Raw).ToDictionary(
                entry => int.TryParse(entry.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : throw new ArgumentException($"AdditionalProperties: {name}: '{entry.Key}' is no token id."),
                entry => new Value($"{name}[{entry.Key}]", entry.Value).Number());
        }

        private ArgumentException Wrong(string expected) => new($"AdditionalProperties: {Name}: expected {expected}, found {Raw ?? "null"}.");
    }
}
