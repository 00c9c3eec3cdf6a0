using System.Text.Json;
using Transformer.Core;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace SwapAComponent;

/// <summary>Sentences that primer was not trained on, and how well a model predicts them.</summary>
internal static class HeldOut
{
    private static readonly string[] Few = ["小明正在在商店买东西。", "My mother is reading a book in the garden.", "今天天气很好。"];

    /// <summary>The token ids of the sentences: those that PyTorch's loss was measured on, where they are at hand.</summary>
    public static IReadOnlyList<int[]> Sentences(ITokenizer tokenizer)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "reference.json");
        if (!File.Exists(path))
            return [.. Few.Select(text => tokenizer.Encode(text))];
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(path));
        return [.. reference.RootElement.GetProperty("heldout").EnumerateArray()
            .Select(sentence => sentence.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()).ToArray())];
    }

    /// <summary>Mean of -ln p(next token) over all tokens after the first of each sentence.</summary>
    public static double MeanLoss(TransformerModel model, IReadOnlyList<int[]> sentences)
    {
        double total = 0;
        foreach (int[] ids in sentences)
        {
            using DecoderSession session = model.CreateSession(ids.Length);
            MatrixSpan logits = new(new float[(ids.Length - 1) * model.VocabSize], ids.Length - 1, model.VocabSize);
            session.ForwardAll(ids.AsSpan(0, ids.Length - 1), logits);
            for (int i = 0; i < logits.Rows; i++)
                total += LogSumExp.Compute(logits[i]) - logits[i][ids[i + 1]];
        }
        return total / sentences.Sum(ids => ids.Length - 1);
    }
}
