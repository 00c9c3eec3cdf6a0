using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Parity.Families;

/// <summary>A tensor of a test model, in both kinds of files; <c>{}</c> stands for the layer.</summary>
/// <param name="Gguf">Its name in GGUF.</param>
/// <param name="HuggingFace">
/// Its name in safetensors; <c>{e}</c> stands for the expert, where each is a tensor of its own. Null: config.json says it
/// in another way.
/// </param>
/// <param name="Rows">Outputs; 1 for a vector.</param>
/// <param name="Columns">Inputs, or the length of a vector.</param>
/// <param name="Layout">How safetensors stores what GGUF stores as it is; null: as well.</param>
internal sealed record Weight(string Gguf, string? HuggingFace, int Rows, int Columns, Layout? Layout = null)
{
    /// <summary>Values that are not random; null: random ones.</summary>
    public float[]? Given { get; init; }

    /// <summary>Factor on the random values: less of what would drown everything else.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Matrices stacked in one tensor, one an expert.</summary>
    public int Experts { get; init; } = 1;

    /// <summary>The first layer that has it.</summary>
    public int FirstLayer { get; init; }

    /// <summary>The first layer behind those that have it.</summary>
    public int EndLayer { get; init; } = int.MaxValue;

    /// <summary>False if only safetensors has it.</summary>
    public bool InGguf { get; init; } = true;

    /// <summary>How GGUF stores it.</summary>
    public WeightFormat Format { get; init; } = WeightFormat.Float32;

    /// <summary>The same tensor of one layer.</summary>
    public Weight InLayer(int layer) => this with { Gguf = Gguf.Replace("{}", $"{layer}"), HuggingFace = HuggingFace?.Replace("{}", $"{layer}") };

    /// <summary>The tensors of safetensors that it becomes.</summary>
    public IEnumerable<(string Name, int[] Shape, float[] Values)> Stored()
    {
        if (HuggingFace is null)
            yield break;
        float[] all = Values();
        bool single = HuggingFace.Contains("{e}", StringComparison.Ordinal);
        int[] matrix = Rows == 1 ? [Columns] : [Rows, Columns];
        for (int part = 0; part < (single ? Experts : 1); part++)
        {
            int[] shape = single || Experts == 1 ? matrix : [Experts, .. matrix];
            float[] values = single ? all[(part * Rows * Columns)..((part + 1) * Rows * Columns)] : all;
            if (Layout is not null)
                values = Layout(values, ref shape);
            yield return (HuggingFace.Replace("{e}", $"{part}"), shape, values);
        }
    }

    /// <summary>
    /// The values: matrices that keep activations at their size, norms around 1, biases that show. The same in every
    /// run, and different for every name.
    /// </summary>
    public float[] Values()
    {
        if (Given is not null)
            return Given;
        Random random = new(Gguf.Aggregate(7, (sum, letter) => unchecked((sum * 31) + letter)));
        (double mean, double deviation) = Gguf switch
        {
            _ when Gguf.Contains("rope_fac", StringComparison.Ordinal) || Gguf.Contains("rope_freqs", StringComparison.Ordinal) => (3, 0.6),
            _ when Gguf.EndsWith("norm.weight", StringComparison.Ordinal) => (1, 0.2),
            _ when Gguf.Contains("exp_probs", StringComparison.Ordinal) => (0, 0.3),
            _ when Rows == 1 => (0, Gguf.Contains(".ffn_", StringComparison.Ordinal) ? 0.1 : 0.3),
            "token_embd.weight" => (0, 0.4),
            "position_embd.weight" => (0, 0.6),

            // Small, because what ggml's GELU rounds away passes through them.
            _ when Gguf.Contains(".ffn_", StringComparison.Ordinal) => (0, 0.4 / Math.Sqrt(Columns)),
            _ => (0, 1.4 / Math.Sqrt(Columns)),
        };
        float[] values = new float[Experts * Rows * Columns];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(Scale * (mean + (deviation * 2 * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5))));
        return values;
    }
}

/// <summary>Turns a tensor as GGUF stores it into the one that safetensors stores.</summary>
/// <param name="values">Its values, [rows, columns].</param>
/// <param name="shape">Its shape; changed where the other one differs.</param>
internal delegate float[] Layout(float[] values, ref int[] shape);

/// <summary>The differences between the two, all of which GGUF's converters have undone (convert_hf_to_gguf.py of llama.cpp).</summary>
internal static class Layouts
{
    /// <summary>GPT-2's Conv1D keeps [inputs, outputs].</summary>
    public static float[] Transposed(float[] values, ref int[] shape)
    {
        if (shape is not [int rows, int columns])
            return values;
        float[] result = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                result[(column * rows) + row] = values[(row * columns) + column];
        }
        shape = [columns, rows];
        return result;
    }

    /// <summary>Neighbouring rows of a head that rotate together (2i, 2i + 1) stand half a head apart (i, i + n/2).</summary>
    public static Layout Halves(int headDim) => (float[] values, ref int[] shape) => Rows(values, shape[0], target =>
    {
        int within = target % headDim;
        return target - within + (within < headDim / 2 ? 2 * within : (2 * (within - (headDim / 2))) + 1);
    });

    /// <summary>q, k and v, each with all its heads, stand head by head: q, k and v of the first, of the second.</summary>
    public static Layout HeadByHead(int headDim) => (float[] values, ref int[] shape) =>
    {
        int third = shape[0] / 3;
        return Rows(values, shape[0], target => (target / headDim % 3 * third) + (target / (3 * headDim) * headDim) + (target % headDim));
    };

    /// <summary>Norms that multiply by 1 + weight.</summary>
    public static float[] MinusOne(float[] values, ref int[] shape) => [.. values.Select(value => value - 1)];

    private static float[] Rows(float[] values, int rows, Func<int, int> source)
    {
        int columns = values.Length / rows;
        float[] result = new float[values.Length];
        for (int row = 0; row < rows; row++)
            values.AsSpan(source(row) * columns, columns).CopyTo(result.AsSpan(row * columns));
        return result;
    }
}
