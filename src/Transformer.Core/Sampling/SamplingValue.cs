namespace Transformer.Core.Sampling;

/// <summary>Checks of the steps' numbers; the messages name step and option.</summary>
internal static class SamplingValue
{
    /// <summary>A finite number of at least <paramref name="least"/>.</summary>
    public static double AtLeast(double least, double value, string step, string name) =>
        value >= least && double.IsFinite(value) ? value : throw Wrong(value, step, name, least == double.MinValue ? "a finite number" : $"a finite number of at least {least}");

    /// <summary>A finite number above 0.</summary>
    public static double Positive(double value, string step, string name) =>
        value > 0 && double.IsFinite(value) ? value : throw Wrong(value, step, name, "a finite number above 0");

    /// <summary>A number from 0 to 1.</summary>
    public static double Share(double value, string step, string name) =>
        value is >= 0 and <= 1 ? value : throw Wrong(value, step, name, "a number from 0 to 1");

    /// <summary>A number above 0 and at most 1.</summary>
    public static double Probability(double value, string step, string name) =>
        value is > 0 and <= 1 ? value : throw Wrong(value, step, name, "a number above 0 and at most 1");

    private static ArgumentOutOfRangeException Wrong(double value, string step, string name, string expected) =>
        new(name, value, $"{step}: expected {expected} as {name}, found {value}.");
}
