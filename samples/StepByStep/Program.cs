// Walks through the article's decoder with a trained model and shows every number on the way.
//   dotnet run --project samples/StepByStep -- --prompt 我爱中华人民共和 --layer 0 --head 0

using System.CommandLine;
using System.Text;
using StepByStep;
using Transformer.Core;

Option<string> prompt = new("--prompt") { Description = "The text to walk through.", DefaultValueFactory = _ => "我爱中华人民共和" };
Option<int> layer = new("--layer") { Description = "The layer shown in steps 4 and 5, from 0.", DefaultValueFactory = _ => 0 };
Option<int> head = new("--head") { Description = "The attention head shown in step 4, from 0.", DefaultValueFactory = _ => 0 };
RootCommand command = new("Walks through a decoder, step by step.") { prompt, layer, head };
command.SetAction(parsed =>
{
    try
    {
        TransformerModel model = TransformerBuilder.FromGguf(Path.Combine(AppContext.BaseDirectory, "primer.gguf")).Build();
        new Walk(model, parsed.GetValue(prompt)!, parsed.GetValue(layer), parsed.GetValue(head)).Write();
        return 0;
    }
    catch (Exception exception) when (exception is TransformerException or ArgumentException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
});
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return command.Parse(args).Invoke();
