namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>Inputs of the kernels.</summary>
internal static class Values
{
    /// <summary>Values of a row: the hidden size of an 8B model.</summary>
    public const int RowLength = 4096;

    /// <summary>Values within -4 and 4, the same in every run.</summary>
    public static float[] Row(int length = RowLength)
    {
        Random random = new(length);
        float[] row = new float[length];
        foreach (ref float value in row.AsSpan())
            value = (random.NextSingle() * 8) - 4;
        return row;
    }
}
