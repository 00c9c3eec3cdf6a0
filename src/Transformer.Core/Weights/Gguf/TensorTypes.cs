using System.Globalization;
using System.Text.RegularExpressions;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>
/// Chooses the type of each tensor of a model for a recipe, as llama.cpp does (the rules of its
/// <c>llama-quant.cpp</c>, without those for importance matrices, Falcon and 70B models).
/// </summary>
internal sealed partial class TensorTypes
{
    private static readonly string[] ValueNames = ["attn_v.weight", "attn_qkv.weight", "attn_kv_b.weight"];

    // Small tensors that a model is sensitive to; llama.cpp leaves them as they are.
    private static readonly string[] Untouched =
    [
        "_norm.weight", "ffn_gate_inp.weight", "position_embd", "token_types.weight", "ssm_conv1d", "shortconv.conv.weight",
        "attn_rel_b.weight", ".rel_pos", ".patch_embd", "altup", "laurel", "per_layer_model_proj", "time_mix_",
    ];

    private readonly QuantizationRecipe _recipe;
    private readonly int[] _valueLayers;
    private readonly int _layers;
    private readonly bool _isTied;
    private readonly long _experts;
    private readonly long _queriesPerKey;

    /// <summary>The rules for a model.</summary>
    /// <param name="recipe">What is wanted.</param>
    /// <param name="valueLayers">Numbers of the layers that have a matrix of values of their own.</param>
    /// <param name="layers">How many layers there are.</param>
    /// <param name="isTied">True if the embedding is the output matrix, too.</param>
    /// <param name="experts">Experts of a layer, or 0.</param>
    /// <param name="queriesPerKey">Query heads for each key head.</param>
    public TensorTypes(QuantizationRecipe recipe, IEnumerable<int> valueLayers, int layers, bool isTied, long experts, long queriesPerKey)
    {
        _recipe = recipe;
        _valueLayers = [.. valueLayers.Distinct().Order()];
        _layers = layers;
        _isTied = isTied;
        _experts = experts;
        _queriesPerKey = queriesPerKey;
    }

    /// <summary>The rules for a file.</summary>
    public static TensorTypes For(QuantizationRecipe recipe, GgufFile file)
    {
        long layers = Number("block_count") is > 0 and < int.MaxValue and var count ? count : file.Names.Select(Layer).Append(0).Max() + 1;
        long queriesPerKey = Number("attention.head_count_kv") is > 0 and var keys ? Number("attention.head_count") / keys : 1;
        return new TensorTypes(recipe, file.Names.Where(IsValue).Select(Layer), (int)layers, !file.Contains("output.weight"), Number("expert_count"), queriesPerKey);

        long Number(string key) => file.Find($"{file.Architecture}.{key}") as long? ?? 0;
    }

    /// <summary>The format a tensor gets, or null if it stays as it is; dimensions innermost first.</summary>
    public WeightFormat? Choose(string name, IReadOnlyList<long> dimensions)
    {
        bool isMatrix = dimensions.Skip(1).Any(size => size > 1);
        if (!isMatrix || !name.EndsWith("weight", StringComparison.Ordinal) || Array.Exists(Untouched, part => name.Contains(part, StringComparison.Ordinal)))
            return null;
        return _recipe.IsQuantized ? Fitting(Wanted(name, dimensions[0]), dimensions[0]) : _recipe.Format;
    }

    /// <summary>The first and the last eighth of the layers, and every third between them.</summary>
    private static bool UsesMoreBits(int layer, int layers) => layer < layers / 8 || layer >= 7 * layers / 8 || (layer - (layers / 8)) % 3 == 2;

    /// <summary>What is near to a format whose blocks a row does not fill.</summary>
    private static WeightFormat Fitting(WeightFormat format, long columns)
    {
        if (columns % format.BlockLength == 0)
            return format;
        WeightFormat near = format.Name switch
        {
            "Q4_K" => WeightFormat.Q5_0,
            "Q5_K" => WeightFormat.Q5_1,
            "Q6_K" => WeightFormat.Q8_0,
            "IQ4_XS" => WeightFormat.IQ4_NL,
            "Q2_K" or "Q3_K" or "TQ1_0" or "TQ2_0" => WeightFormat.Q4_0,
            _ => WeightFormat.Float16,
        };
        return columns % near.BlockLength == 0 ? near : WeightFormat.Float16;
    }

    private static bool IsValue(string name) => Array.Exists(ValueNames, part => name.Contains(part, StringComparison.Ordinal));

    private static int Layer(string name) =>
        LayerNumber().Match(name) is { Success: true } match && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : 0;

    private WeightFormat Wanted(string name, long columns)
    {
        if (name == "output.weight" || (_isTied && name == "token_embd.weight"))
            return _recipe.Name is "Q8_0" or "MXFP4" || columns % _recipe.Format.BlockLength != 0 ? WeightFormat.Q8_0 : WeightFormat.Q6_K;
        if (name == "token_embd.weight")
            return _recipe.Name is "TQ1_0" or "TQ2_0" ? WeightFormat.Q4_K : _recipe.Format;
        if (IsValue(name))
            return _experts == 8 ? WeightFormat.Q8_0 : OfValues(Array.IndexOf(_valueLayers, Layer(name)), _valueLayers.Length);
        if (name.Contains("attn_k.weight", StringComparison.Ordinal))
            return _experts == 8 ? WeightFormat.Q8_0 : _recipe.Format;
        if (name.Contains("ffn_down", StringComparison.Ordinal))
            return OfDown(Layer(name), _layers);
        return name.Contains("attn_output.weight", StringComparison.Ordinal) ? OfAttentionOutput() : _recipe.Format;
    }

    private WeightFormat OfValues(int layer, int layers) => _recipe.Name switch
    {
        "Q2_K" => _queriesPerKey >= 4 ? WeightFormat.Q4_K : WeightFormat.Q3_K,
        "Q3_K_M" => layer < 2 ? WeightFormat.Q5_K : WeightFormat.Q4_K,
        "Q3_K_L" => WeightFormat.Q5_K,
        "IQ4_NL" or "IQ4_XS" when _queriesPerKey >= 4 => WeightFormat.Q5_K,
        "Q4_K_M" or "Q5_K_M" when UsesMoreBits(layer, layers) => WeightFormat.Q6_K,
        "Q4_K_S" when layer < 4 => WeightFormat.Q5_K,
        _ => _recipe.Format,
    };

    private WeightFormat OfDown(int layer, int layers) => _recipe.Name switch
    {
        "Q2_K" => WeightFormat.Q3_K,
        "Q3_K_M" => layer < layers / 16 ? WeightFormat.Q5_K : WeightFormat.Q4_K,
        "Q3_K_L" => WeightFormat.Q5_K,
        "Q4_K_M" or "Q5_K_M" when UsesMoreBits(layer, layers) => WeightFormat.Q6_K,
        "IQ4_NL" or "IQ4_XS" or "Q4_K_S" when layer < layers / 8 => WeightFormat.Q5_K,
        _ => _recipe.Format,
    };

    private WeightFormat OfAttentionOutput() => _recipe.Name switch
    {
        "Q2_K" or "Q3_K_S" or "Q3_K_M" or "IQ4_NL" or "IQ4_XS" or "Q4_K_S" or "Q4_K_M" when _experts == 8 => WeightFormat.Q5_K,
        "Q2_K" => WeightFormat.Q3_K,
        "Q3_K_M" => WeightFormat.Q4_K,
        "Q3_K_L" when _experts != 8 => WeightFormat.Q5_K,
        _ => _recipe.Format,
    };

    [GeneratedRegex(@"^blk\.(\d+)\.")]
    private static partial Regex LayerNumber();
}
