using Transformer.Core;
using Transformer.Core.FeedForward;
using Transformer.Core.Positions;

namespace Transformer.Core.Snippets;

internal static class Readme
{
    public static async Task First()
    {
        #region first
        TransformerModel model = TransformerBuilder.FromGguf("samples/primer/primer.gguf").Build();

        await foreach (GenerationUpdate update in model.StreamAsync("我爱中华人民共和", new GenerationOptions { MaxTokens = 40 }))
        {
            Console.Write(update.Text);
            if (update.Result is { } result)
                Console.WriteLine($"\n{result.FinishReason}, {result.DecodeTokensPerSecond:F0} tokens a second");
        }
        #endregion
    }

    public static void Swap()
    {
        #region swap
        TransformerModel swapped = TransformerBuilder.FromGguf("samples/primer/primer.gguf")
            .WithPositions(c => new AlibiPositions(c.Heads))
            .WithLayer(3, layer => layer.WithFeedForward(c => new Mlp(c, ActivationFunction.Relu)))
            .Build();
        #endregion
    }

    public static void Describe()
    {
        #region describe
        Console.WriteLine(new TransformerBuilder()
            .WithVocabulary(100256).WithHiddenSize(3584).WithLayers(61).WithHeads(28)
            .Describe());
        #endregion
    }

    public static async Task Package()
    {
        #region package
        TransformerModel model = await ModelLoader.LoadAsync("model.gguf");
        await foreach (GenerationUpdate update in model.StreamAsync("Once upon a time", new GenerationOptions { MaxTokens = 100 }))
            Console.Write(update.Text);
        #endregion
    }

    public static void PackageSwap()
    {
        #region package-swap
        TransformerModel changed = ModelLoader.Open("model.gguf")
            .WithLayer(3, layer => layer.WithFeedForward(c => new Mlp(c, ActivationFunction.Relu)))
            .Build();
        #endregion
    }

    public static void Checkpoints()
    {
        #region checkpoints
        TransformerBuilder fromFile = TransformerBuilder.FromGguf("model.gguf");          // of a split model: its first part
        TransformerBuilder fromFolder = TransformerBuilder.FromPretrained("my-model");    // config.json, safetensors, tokenizer.json
        TransformerBuilder either = ModelLoader.Open("model.gguf");
        #endregion
    }
}
