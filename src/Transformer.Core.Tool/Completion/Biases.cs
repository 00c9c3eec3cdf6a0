using System.Globalization;

namespace Transformer.Core.Tool.Completion;

/// <summary>Reads <c>--logit-bias</c>.</summary>
internal static class Biases
{
    /// <exception cref="ArgumentException">A text is not <c>ID+X</c> or <c>ID-X</c>.</exception>
    public static IReadOnlyDictionary<int, double> Parse(IEnumerable<string> texts)
    {
        Dictionary<int, double> biases = [];
        foreach (string text in texts)
        {
            int sign = text.IndexOfAny(['+', '-']);
            if (sign <= 0 || !int.TryParse(text[..sign], NumberStyles.None, CultureInfo.InvariantCulture, out int token) || Value(text[sign..]) is not { } bias)
                throw new ArgumentException($"--logit-bias: expected TOKEN_ID+BIAS or TOKEN_ID-BIAS, found '{text}'.");
            biases[token] = bias;
        }
        return biases;
    }

    private static double? Value(string text) => text switch
    {
        "-inf" => double.NegativeInfinity,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null,
    };
}
