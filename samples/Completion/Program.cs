// Completes a text with a trained model: dotnet run --project samples/Completion -- --prompt "Once upon a time,"

using System.CommandLine;
using System.Text;
using Transformer.Core;

Option<string> model = new("--model") { Description = "A GGUF file or a Hugging Face folder.", DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "primer.gguf") };
Option<string> prompt = new("--prompt") { Description = "The text to continue.", DefaultValueFactory = _ => "我爱中华人民共和" };
Option<int> maxTokens = new("--max-tokens") { Description = "Most tokens to generate.", DefaultValueFactory = _ => 60 };
RootCommand command = new("Completes a text.") { model, prompt, maxTokens };
command.SetAction((parsed, cancellationToken) => CompleteAsync(parsed.GetValue(model)!, parsed.GetValue(prompt)!, parsed.GetValue(maxTokens), cancellationToken));
Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
return await command.Parse(args).InvokeAsync();

static async Task<int> CompleteAsync(string path, string prompt, int maxTokens, CancellationToken cancellationToken)
{
    try
    {
        TransformerModel model = ModelLoader.Open(path).Build();
        Console.Write(prompt);
        await foreach (GenerationUpdate update in model.StreamAsync(prompt, new GenerationOptions { MaxTokens = maxTokens }, cancellationToken))
        {
            Console.Write(update.Text);
            if (update.Result is { } result)
                Console.WriteLine($"\n\n{result.TokenIds.Count} tokens, {result.DecodeTokensPerSecond:N0} tokens/s; ended by: {result.FinishReason}");
        }
        return 0;
    }
    catch (Exception exception) when (exception is TransformerException or ArgumentException or OperationCanceledException)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
}
