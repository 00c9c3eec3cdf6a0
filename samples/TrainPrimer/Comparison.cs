using Transformer.Core;

namespace TrainPrimer;

/// <summary>Loads the folder and the file and compares what they compute.</summary>
internal static class Comparison
{
    private static readonly string[] Texts = ["我爱中华人民共和", "今天天气很", "My mother is", "Tom has 3 cats.", "小明说：“I like tea!”"];

    /// <summary>Throws unless ids and logits are the same.</summary>
    /// <returns>The number of prompts.</returns>
    public static int RequireEqualLogits(string folder, string file)
    {
        TransformerModel from = TransformerBuilder.FromPretrained(folder).Build();
        TransformerModel to = TransformerBuilder.FromGguf(file).Build();
        int[][] prompts = from.Tokenizer is { } tokenizer
            ? [.. Texts.Select(text => tokenizer.Encode(text))]
            : [[0], [1, 2, 3], [.. Enumerable.Range(0, Math.Min(from.VocabSize, from.ContextLength))]];
        for (int i = 0; i < prompts.Length; i++)
        {
            if (from.Tokenizer is not null && to.Tokenizer?.Encode(Texts[i]).SequenceEqual(prompts[i]) != true)
                throw new InvalidDataException($"'{Texts[i]}' has other token ids in {file}.");
            using DecoderSession first = from.CreateSession();
            using DecoderSession second = to.CreateSession();
            if (!first.Forward(prompts[i]).SequenceEqual(second.Forward(prompts[i])))
                throw new InvalidDataException($"Prompt {i} has other logits in {file}.");
        }
        return prompts.Length;
    }
}
