using Transformer.Core;
using Transformer.Core.Architectures;
using Transformer.Core.Attention;
using Transformer.Core.Embedding;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Output;
using Transformer.Core.Positions;
using Transformer.Core.Sampling;
using Transformer.Core.Tokenization;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Snippets;

internal static class Concepts
{
    public static void Numerics()
    {
        #region numerics
        float[] values = new float[6];
        MatrixSpan matrix = new(values, rows: 2, columns: 3);
        matrix[1][2] = 5;                               // row 1, column 2
        MatrixSpan last = matrix.RowRange(1, 1);        // a view, no copy

        WeightFormat format = WeightFormat.Q8_0;
        byte[] blocks = new byte[format.BytesFor(32)];  // 32 values and their scale in 34 bytes
        #endregion
        Console.WriteLine($"{last[0][2]} {blocks.Length}");
    }

    public static void Weights()
    {
        #region weights
        using GgufFile file = GgufFile.Open("model.gguf");
        IWeightSource weights = GgufNames.Canonical(file);
        Console.WriteLine(weights.Contains("model.layers.0.self_attn.q_proj.weight"));
        foreach (GgufTensorInfo tensor in file.TensorInfos.Take(3))
            Console.WriteLine($"{tensor.Name}: {tensor.TypeName} {string.Join(" x ", tensor.Dimensions)}");
        #endregion
    }

    public static void Errors()
    {
        #region errors
        try
        {
            TransformerBuilder.FromGguf("model.gguf").WithFeedForward(c => new GatedMlp(c)).Build();
        }
        catch (ModelBuildException exception)
        {
            foreach (string problem in exception.Problems.Take(3))
                Console.WriteLine(problem);
        }
        #endregion
    }

    public static void Ends()
    {
        #region ends
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf")
            .WithEmbedding(c => new TokenEmbedding(c, scale: Math.Sqrt(c.HiddenSize)))
            .WithOutputHead(c => new LinearHead(c, tied: true, cap: 30))
            .Build();
        #endregion
    }

    public static void Positions()
    {
        #region positions
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf")
            .WithPositions(c => new RotaryPositions(c.HeadDim, theta: 500_000, scaling: new RopeScaling.Yarn(Factor: 4, OriginalContextLength: 4096)))
            .Build();
        #endregion
    }

    public static void Normalization()
    {
        #region normalization
        TransformerModel model = new TransformerBuilder()
            .WithVocabulary(256).WithHiddenSize(64).WithLayers(2).WithHeads(4)
            .WithBlockLayout(BlockLayout.PreNorm)
            .WithNormalization(c => new RmsNormalization(c, epsilon: 1e-6))
            .WithRandomWeights(seed: 1)
            .Build();
        #endregion
    }

    public static void Attention()
    {
        #region attention
        TransformerModel model = new TransformerBuilder()
            .WithVocabulary(256).WithHiddenSize(64).WithLayers(4).WithHeads(heads: 4, kvHeads: 2)
            .WithAttention(c => new MultiHeadAttention(c, window: c.Layer % 2 == 0 ? 128 : null))
            .WithRandomWeights(seed: 1)
            .Build();
        #endregion
    }

    public static void FeedForward()
    {
        #region feed-forward
        TransformerBuilder builder = new TransformerBuilder()
            .WithVocabulary(256).WithHiddenSize(64).WithLayers(2).WithHeads(4)
            .WithIntermediateSize(192)
            .WithFeedForward(c => new GatedMlp(c, ActivationFunction.Silu));
        Console.WriteLine(builder.Describe());
        #endregion
    }

    public static void Model()
    {
        #region model
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf").Build();
        using DecoderSession session = model.CreateSession();
        ReadOnlySpan<float> logits = session.Forward(model.Tokenizer!.Encode("I love"));
        using DecoderSession other = session.Fork();    // goes on by itself from here
        session.Truncate(1);                            // forgets all but the first token
        #endregion
        Console.WriteLine($"{logits.Length} {other.Length} {session.Length}");
    }

    public static void Architectures()
    {
        #region architectures
        Console.WriteLine(string.Join(", ", ArchitectureRegistry.Default.Names));
        Console.WriteLine(TransformerBuilder.FromPreset(ModelPresets.Names[0]).Describe());
        #endregion
    }

    public static void Tokenization(TransformerModel model)
    {
        #region tokenization
        ITokenizer tokenizer = model.Tokenizer!;
        IncrementalDetokenizer detokenizer = new(tokenizer);
        foreach (int token in tokenizer.Encode("国 and <eos>, which is only text"))
            Console.Write(detokenizer.Append(token));
        Console.WriteLine(detokenizer.Flush());
        #endregion
    }

    public static void Sampling(TransformerModel model)
    {
        #region sampling
        GenerationOptions options = new() { LogitsProcessors = [() => new OnlyEvenTokens()], MaxTokens = 5 };
        Console.WriteLine(model.Complete("I love", options).Text);
        #endregion
    }
}

#region processor
internal sealed class OnlyEvenTokens : ILogitsProcessor
{
    public void Process(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        for (int token = 1; token < logits.Length; token += 2)
            logits[token] = float.NegativeInfinity;
    }
}
#endregion
