namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Rates of both engines.</summary>
/// <param name="Ours">Our median, tokens a second.</param>
/// <param name="Llama">That of llama.cpp.</param>
/// <param name="Ratio">The ratio of the medians.</param>
/// <param name="PairedRatio">The median of the ratios within the pairs.</param>
internal sealed record Comparison(double Ours, double Llama, double Ratio, double PairedRatio)
{
    public static Comparison Of(IEnumerable<double> ours, IEnumerable<double> llama)
    {
        double[] a = [.. ours], b = [.. llama];
        return new Comparison(Median(a), Median(b), Median(a) / Median(b), Median(a.Zip(b, (x, y) => x / y)));
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
