// Adds a direction to the residual stream while the model writes: the difference between two prompts.
//   dotnet run --project samples/Steering

using System.Text;
using Transformer.Core;
using Transformer.Core.Experiments;
using Transformer.Core.Numerics.Kernels;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
const int layer = 1;
const string prompt = "My mother";

TransformerModel model = TransformerBuilder.FromGguf(Path.Combine(AppContext.BaseDirectory, "primer.gguf")).Build();
ITokenizer tokenizer = model.Tokenizer!;

// From English to Chinese: the mean residual of one sentence less that of the other.
float[] chinese = MeanResidual("今天天气很好。"), english = MeanResidual("My mother is reading a book in the garden.");
float[] direction = [.. chinese.Zip(english, (to, from) => to - from)];

foreach (float strength in (float[])[0, 0.5f, 1, 2])
{
    using DecoderSession session = model.CreateSession();
    session.Observer = Intervention.Add(layer, ActivationPoints.ResidualAfter, direction, strength);
    StringBuilder text = new(prompt);
    int next = ArgMax.Compute(session.Forward(tokenizer.Encode(prompt, tokenizer.AddsBos)));
    for (int i = 0; i < 12 && !tokenizer.EndTokenIds.Contains(next); i++)
    {
        text.Append(tokenizer.TokenText(next));
        next = ArgMax.Compute(session.Forward(next));
    }
    Console.WriteLine($"  strength {strength,3}: {text.ToString().ReplaceLineEndings(" ")}");
}

float[] MeanResidual(string sentence)
{
    using DecoderSession session = model.CreateSession();
    using ActivationCapture capture = session.Capture($"layers.{layer}.{ActivationPoints.ResidualAfter}");
    session.Forward(tokenizer.Encode(sentence, tokenizer.AddsBos));
    CapturedActivation residual = capture.Activations[0];
    float[] mean = new float[residual.Columns];
    for (int row = 0; row < residual.Rows; row++)
        for (int i = 0; i < mean.Length; i++)
            mean[i] += residual[row][i] / residual.Rows;
    return mean;
}
