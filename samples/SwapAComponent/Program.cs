// One trained model, one component exchanged, and what that does to its loss.
//   dotnet run --project samples/SwapAComponent

using System.Text;
using SwapAComponent;
using Transformer.Core;
using Transformer.Core.FeedForward;
using Transformer.Core.Positions;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
string primer = Path.Combine(AppContext.BaseDirectory, "primer.gguf");

TransformerModel original = TransformerBuilder.FromGguf(primer)
    .Build();
TransformerModel withAlibi = TransformerBuilder.FromGguf(primer)
    .WithPositions(c => new AlibiPositions(c.Heads))
    .Build();
TransformerModel withRelu = TransformerBuilder.FromGguf(primer)
    .WithFeedForward(c => new Mlp(c, ActivationFunction.Relu))
    .Build();

IReadOnlyList<int[]> sentences = HeldOut.Sentences(original.Tokenizer!);
Console.WriteLine($"Mean loss on {sentences.Count} sentences the model was not trained on, in nats a token ({Math.Log(original.VocabSize):F2} is guessing):");
Console.WriteLine();
Show("as trained: sinusoidal positions, GELU", original);
Show("ALiBi for the sinusoidal positions", withAlibi);
Show("ReLU for the GELU", withRelu);
Console.WriteLine();
Console.WriteLine("The weights are the same in all three and were trained with the parts of the first row, so neither exchange is");
Console.WriteLine("harmless. It shows how much the model relies on a part, not which part is better: for that, train with each.");

void Show(string name, TransformerModel model)
{
    string text = model.Complete("我爱中华人民共和", new GenerationOptions { MaxTokens = 8 }).Text;
    Console.WriteLine($"  {name,-42} {HeldOut.MeanLoss(model, sentences),8:F4}    我爱中华人民共和 -> {text.ReplaceLineEndings(" ")}");
}
