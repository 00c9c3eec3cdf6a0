namespace Transformer.Core.Parity.Support;

/// <summary>Rows of logits, one for each token.</summary>
internal static class Logits
{
    /// <summary>Largest difference, as a share of the largest magnitude expected. Not a number where either has one.</summary>
    public static double Difference(float[][] actual, float[][] expected)
    {
        actual.Length.Should().Be(expected.Length);
        double difference = 0, largest = 0;
        for (int row = 0; row < actual.Length; row++)
        {
            actual[row].Length.Should().Be(expected[row].Length);
            for (int i = 0; i < actual[row].Length; i++)
            {
                // Math.Max passes NaN on
                difference = Math.Max(difference, Math.Abs((double)actual[row][i] - expected[row][i]));
                largest = Math.Max(largest, Math.Abs((double)expected[row][i]));
            }
        }
        return difference / largest;
    }

    /// <summary>The most likely token.</summary>
    public static int ArgMax(ReadOnlySpan<float> row)
    {
        int best = 0;
        for (int i = 1; i < row.Length; i++)
            best = row[i] > row[best] ? i : best;
        return best;
    }
}
