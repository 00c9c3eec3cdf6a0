// One trained model, one component exchanged, and what that does to its loss.
//   dotnet run --project samples/SwapAComponent

using System.Text;
using SwapAComponent;
using Transformer.Core;
using Transformer.Core.Experiments;
using Transformer.Core.FeedForward;
using Transformer.Core.Positions;
using Transformer.Core.Testing;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);

// What one writes oneself is checked first; this throws and says what is wrong.
ComponentConformance.CheckAttention(c => new LinearAttention(c), new ConformanceOptions { KvHeads = 4 });

string primer = Path.Combine(AppContext.BaseDirectory, "primer.gguf");
TransformerModel original = TransformerBuilder.FromGguf(primer).Build();
(string Name, TransformerBuilder Builder)[] experiments =
[
    ("ALiBi for the sinusoidal positions", TransformerBuilder.FromGguf(primer).WithPositions(c => new AlibiPositions(c.Heads))),
    ("ReLU for the GELU", TransformerBuilder.FromGguf(primer).WithFeedForward(c => new Mlp(c, ActivationFunction.Relu))),
    ("PreNorm for PostNorm", TransformerBuilder.FromGguf(primer).WithBlockLayout(new PreNormWithPostNormWeights())),
    ("linear attention in layer 1", TransformerBuilder.FromGguf(primer).WithLayer(1, layer => layer.WithAttention(c => new LinearAttention(c)))),
    ("linear attention in all layers", TransformerBuilder.FromGguf(primer).WithAttention(c => new LinearAttention(c))),
];

IReadOnlyList<int[]> sentences = HeldOut.Sentences(original.Tokenizer!);
double before = HeldOut.MeanLoss(original, sentences);
Console.WriteLine($"Mean loss on {sentences.Count} sentences the model was not trained on, in nats a token ({Math.Log(original.VocabSize):F2} is guessing),");
Console.WriteLine("and how far its probabilities moved (KL divergence):");
Console.WriteLine();
Console.WriteLine($"  {"",-36} {"before",8} {"after",8} {"KL",8}    continuation");
Show("as trained", original);
foreach ((string name, TransformerBuilder builder) in experiments)
    Show(name, builder.Build());
Console.WriteLine();
Console.WriteLine("What Describe() says of the last one:");
foreach (string change in experiments[^1].Builder.Describe().Changes)
    Console.WriteLine($"  {change}");
Console.WriteLine();
Console.WriteLine("The weights are the same in all and were trained with the parts of the first row, so no exchange is harmless.");
Console.WriteLine("It shows how much the model relies on a part, not which part is better: for that, train with each.");

void Show(string name, TransformerModel model)
{
    double divergence = sentences.Sum(ids => ModelComparison.Of(original, model, ids).Divergence * (ids.Length - 1)) / sentences.Sum(ids => ids.Length - 1);
    string text = model.Complete("我爱中华人民共和", new GenerationOptions { MaxTokens = 8 }).Text;
    Console.WriteLine($"  {name,-36} {before,8:F4} {HeldOut.MeanLoss(model, sentences),8:F4} {divergence,8:F4}    {text.ReplaceLineEndings(" ")}");
}
