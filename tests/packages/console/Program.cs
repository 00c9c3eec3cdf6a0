// Completes a text with the package alone: Console MODEL PROMPT
using Transformer.Core;

TransformerModel model = await ModelLoader.LoadAsync(args[0]);
await foreach (GenerationUpdate update in model.StreamAsync(args[1], new GenerationOptions { MaxTokens = 100 }))
    Console.Write(update.Text);
