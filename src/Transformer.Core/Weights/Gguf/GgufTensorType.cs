using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// A tensor type of ggml: its number in GGUF files, its name, and its blocks. Lists every type that ggml defines,
/// so that a file can be described even where its values cannot be decoded.
/// </summary>
/// <remarks>Numbers: <c>enum ggml_type</c> of ggml's docs/gguf.md and ggml.h; block sizes: <c>GGML_QUANT_SIZES</c> of gguf-py.</remarks>
/// <param name="Id">The number in the file.</param>
/// <param name="Name">ggml's name.</param>
/// <param name="BlockLength">Values in a block.</param>
/// <param name="BlockBytes">Bytes in a block.</param>
internal sealed record GgufTensorType(uint Id, string Name, int BlockLength, int BlockBytes)
{
    private static readonly GgufTensorType[] All =
    [
        new(0, "F32", 1, 4),
        new(1, "F16", 1, 2),
        new(2, "Q4_0", 32, 18),
        new(3, "Q4_1", 32, 20),
        new(6, "Q5_0", 32, 22),
        new(7, "Q5_1", 32, 24),
        new(8, "Q8_0", 32, 34),
        new(9, "Q8_1", 32, 36),
        new(10, "Q2_K", 256, 84),
        new(11, "Q3_K", 256, 110),
        new(12, "Q4_K", 256, 144),
        new(13, "Q5_K", 256, 176),
        new(14, "Q6_K", 256, 210),
        new(15, "Q8_K", 256, 292),
        new(16, "IQ2_XXS", 256, 66),
        new(17, "IQ2_XS", 256, 74),
        new(18, "IQ3_XXS", 256, 98),
        new(19, "IQ1_S", 256, 50),
        new(20, "IQ4_NL", 32, 18),
        new(21, "IQ3_S", 256, 110),
        new(22, "IQ2_S", 256, 82),
        new(23, "IQ4_XS", 256, 136),
        new(24, "I8", 1, 1),
        new(25, "I16", 1, 2),
        new(26, "I32", 1, 4),
        new(27, "I64", 1, 8),
        new(28, "F64", 1, 8),
        new(29, "IQ1_M", 256, 56),
        new(30, "BF16", 1, 2),
        new(34, "TQ1_0", 256, 54),
        new(35, "TQ2_0", 256, 66),
        new(39, "MXFP4", 32, 17),
        new(40, "NVFP4", 64, 36),
        new(41, "Q1_0", 128, 18),
        new(42, "Q2_0", 64, 18),
    ];

    /// <summary>Names of the types that this library decodes.</summary>
    public static IEnumerable<string> Supported => All.Where(type => type.Format is not null).Select(type => type.Name);

    /// <summary>The code that decodes it, or null where there is none.</summary>
    public WeightFormat? Format => FormatOf(Name);

    /// <summary>The code that decodes a type of ggml's name, or null. Formats bear ggml's names, so one added to the library is found here too.</summary>
    public static WeightFormat? FormatOf(string name) => WeightFormat.All.FirstOrDefault(format => format.Name == name);

    /// <summary>The type of a number, or null if ggml has none.</summary>
    public static GgufTensorType? Find(uint id) => Array.Find(All, type => type.Id == id);

    /// <summary>The type under which a format is written, or null if ggml has none.</summary>
    public static GgufTensorType? Of(WeightFormat format) => All.FirstOrDefault(type => type.Name == format.Name);

    /// <summary>The type of ggml's name, or null if ggml has none.</summary>
    public static GgufTensorType? Find(string name) => All.FirstOrDefault(type => type.Name == name);

    /// <summary>Bytes of so many rows of a width that is a multiple of the block; null where they pass 2⁶³.</summary>
    public long? BytesFor(long values) => values / BlockLength > long.MaxValue / BlockBytes ? null : values / BlockLength * BlockBytes;
}
