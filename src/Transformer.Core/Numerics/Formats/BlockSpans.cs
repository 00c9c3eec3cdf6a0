namespace Transformer.Core.Numerics.Formats;

/// <summary>Refuses spans that do not hold the same number of whole blocks, before anything is read without bounds checks.</summary>
internal static class BlockSpans
{
    public static void Validate<TFormat>(int bytes, int values)
        where TFormat : struct, IBlockFormat
    {
        if (values % TFormat.BlockLength != 0 || bytes != (long)values / TFormat.BlockLength * TFormat.BlockBytes)
            throw new ArgumentException($"{bytes} bytes are not {values} values of {TFormat.Name} ({TFormat.BlockLength} values in {TFormat.BlockBytes} bytes).");
    }
}
