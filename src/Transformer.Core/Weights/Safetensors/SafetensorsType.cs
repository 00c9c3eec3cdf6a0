using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Safetensors;

/// <summary>
/// A dtype of the safetensors format: its name and the bits of a value. Lists all of them, so that a file can be
/// described even where its values cannot be decoded.
/// </summary>
/// <remarks>Names and sizes: <c>enum Dtype</c> of huggingface/safetensors.</remarks>
internal sealed record SafetensorsType(string Name, int Bits, WeightFormat? Format = null)
{
    private static readonly Dictionary<string, SafetensorsType> ByName = new SafetensorsType[]
    {
        new("F32", 32, WeightFormat.Float32),
        new("F16", 16, WeightFormat.Float16),
        new("BF16", 16, WeightFormat.BFloat16),
        new("F64", 64),
        new("F8_E4M3", 8),
        new("F8_E5M2", 8),
        new("F8_E8M0", 8),
        new("F6_E2M3", 6),
        new("F6_E3M2", 6),
        new("F4", 4),
        new("I8", 8),
        new("I16", 16),
        new("I32", 32),
        new("I64", 64),
        new("U8", 8),
        new("U16", 16),
        new("U32", 32),
        new("U64", 64),
        new("BOOL", 8),
        new("C64", 64),
    }.ToDictionary(type => type.Name);

    /// <summary>Names of the types that this library decodes.</summary>
    public static IEnumerable<string> Supported => ByName.Values.Where(type => type.Format is not null).Select(type => type.Name);

    /// <summary>The type of a name, or null if the format has none.</summary>
    public static SafetensorsType? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Bytes of so many values; null where they pass 2⁶³ bits or are no whole bytes.</summary>
    public long? BytesFor(long values) => values > long.MaxValue / Bits || values * Bits % 8 != 0 ? null : values * Bits / 8;
}
