// What each layer would say next, if the model ended there.
//   dotnet run --project samples/LogitLens -- "我爱中华人民共和"

using System.Text;
using Transformer.Core;
using Transformer.Core.Experiments;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
string prompt = args.Length > 0 ? args[0] : "我爱中华人民共和";

TransformerModel model = TransformerBuilder.FromGguf(Path.Combine(AppContext.BaseDirectory, "primer.gguf")).Build();
ITokenizer tokenizer = model.Tokenizer!;
int[] ids = tokenizer.Encode(prompt, tokenizer.AddsBos);
if (ids.Length == 0)
{
    Console.Error.WriteLine("Expected a prompt that is not empty.");
    return 1;
}

LogitLens lens = LogitLens.Of(model, ids, top: 4);
foreach (LensRow row in lens.Rows)
{
    string where = row.Layer < 0 ? "embedding" : $"layer {row.Layer}";
    IEnumerable<string> top = row.Entries[^1].Top.Select(token => $"{tokenizer.TokenText(token.Token)} {token.Probability:P1}");
    Console.WriteLine($"  {where,-10} {string.Join("   ", top).ReplaceLineEndings(" ")}");
}
return 0;
