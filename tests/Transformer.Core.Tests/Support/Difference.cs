namespace Transformer.Core.Tests.Support;

/// <summary>How far two results are apart.</summary>
internal static class Difference
{
    /// <summary>Largest difference, as a share of the largest value expected.</summary>
    public static double Relative(ReadOnlySpan<float> actual, ReadOnlySpan<double> expected)
    {
        actual.Length.Should().Be(expected.Length);
        double worst = 0;
        double scale = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            // NaN is far from everything: Math.Max hands it on
            worst = Math.Max(worst, Math.Abs(actual[i] - expected[i]));
            scale = Math.Max(scale, Math.Abs(expected[i]));
        }
        return scale == 0 ? worst : worst / scale;
    }

    /// <inheritdoc cref="Relative(ReadOnlySpan{float}, ReadOnlySpan{double})"/>
    public static double Relative(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected)
    {
        double[] wide = new double[expected.Length];
        for (int i = 0; i < wide.Length; i++)
            wide[i] = expected[i];
        return Relative(actual, wide);
    }
}
