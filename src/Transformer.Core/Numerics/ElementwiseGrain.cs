namespace Transformer.Core.Numerics;

/// <summary>How much element-wise work is worth handing to a thread.</summary>
internal static class ElementwiseGrain
{
    private const int Values = 16 * 1024;

    /// <summary>Fewest rows, or other items, of so many values.</summary>
    public static int Rows(int columns) => Math.Max(1, Values / columns);
}
