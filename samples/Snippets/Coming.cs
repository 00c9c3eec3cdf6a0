using Transformer.Core;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Snippets;

internal static class Coming
{
    public static async Task Stream(TransformerModel loaded)
    {
        CancellationToken cancellationToken = default;
        #region llamasharp
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf")
            .WithThreads(2)
            .WithKvCache(WeightFormat.Float16)
            .Build();
        using DecoderSession session = model.CreateSession();
        TextGenerator generator = new(model);
        GenerationOptions options = new() { MaxTokens = 64, Temperature = 0.6, StopStrings = ["User:"] };
        await foreach (GenerationUpdate update in generator.StreamAsync("Once upon a time", options, session, cancellationToken))
            Console.Write(update.Text);
        #endregion
    }

    public static void Pipeline(TransformerModel model)
    {
        #region ml-genai
        GenerationOptions options = new() { MaxTokens = 128, Temperature = 0.7, TopP = 0.9, StopStrings = ["\n"] };
        string text = model.Complete("Once upon a time", options).Text;
        float[] embedding = new TextEmbedder(model, pooling: EmbeddingPooling.Last).Embed("Once upon a time");
        #endregion
    }
}
