using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// What a model's matrices are stored as: one format, or a mixture in which the matrices that matter most get more
/// bits. Names, mixtures and file types are llama.cpp's.
/// </summary>
public sealed class QuantizationRecipe
{
    private QuantizationRecipe(string name, WeightFormat format, uint fileType)
    {
        Name = name;
        Format = format;
        FileType = fileType;
    }

    /// <summary>Every recipe.</summary>
    public static IReadOnlyList<QuantizationRecipe> All { get; } =
    [
        new("F32", WeightFormat.Float32, 0),
        new("F16", WeightFormat.Float16, 1),
        new("BF16", WeightFormat.BFloat16, 32),
        new("Q8_0", WeightFormat.Q8_0, 7),
        new("Q6_K", WeightFormat.Q6_K, 18),
        new("Q5_K_M", WeightFormat.Q5_K, 17),
        new("Q5_K_S", WeightFormat.Q5_K, 16),
        new("Q5_1", WeightFormat.Q5_1, 9),
        new("Q5_0", WeightFormat.Q5_0, 8),
        new("Q4_K_M", WeightFormat.Q4_K, 15),
        new("Q4_K_S", WeightFormat.Q4_K, 14),
        new("Q4_1", WeightFormat.Q4_1, 3),
        new("Q4_0", WeightFormat.Q4_0, 2),
        new("IQ4_NL", WeightFormat.IQ4_NL, 25),
        new("IQ4_XS", WeightFormat.IQ4_XS, 30),
        new("MXFP4", WeightFormat.MXFP4, 38),
        new("Q3_K_L", WeightFormat.Q3_K, 13),
        new("Q3_K_M", WeightFormat.Q3_K, 12),
        new("Q3_K_S", WeightFormat.Q3_K, 11),
        new("Q2_K", WeightFormat.Q2_K, 10),
        new("TQ2_0", WeightFormat.TQ2_0, 37),
        new("TQ1_0", WeightFormat.TQ1_0, 36),
    ];

    /// <summary>llama.cpp's name, such as <c>Q4_K_M</c>.</summary>
    public string Name { get; }

    /// <summary>The format of most matrices.</summary>
    public WeightFormat Format { get; }

    /// <summary>llama.cpp's number (<c>llama_ftype</c>), written as <c>general.file_type</c>.</summary>
    internal uint FileType { get; }

    /// <summary>True where matrices become blocks of integers.</summary>
    internal bool IsQuantized => Format.BlockLength > 1;

    /// <summary>The recipe of a name in any case; <c>Q4_K</c> means <c>Q4_K_M</c>, as in llama.cpp. Null if there is none.</summary>
    public static QuantizationRecipe? Find(string name)
    {
        string full = name.ToUpperInvariant() is "Q3_K" or "Q4_K" or "Q5_K" ? name + "_M" : name;
        return All.FirstOrDefault(recipe => string.Equals(recipe.Name, full, StringComparison.OrdinalIgnoreCase));
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
