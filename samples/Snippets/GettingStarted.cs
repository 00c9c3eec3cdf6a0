using Microsoft.Extensions.AI;
using Transformer.Core;
using Transformer.Core.Extensions.AI;

namespace Transformer.Core.Snippets;

internal static class GettingStarted
{
    public static async Task Stream()
    {
        #region stream
        TransformerModel model = await ModelLoader.LoadAsync("model.gguf");
        GenerationOptions options = new() { MaxTokens = 100, Temperature = 0.8, TopP = 0.95 };

        await foreach (GenerationUpdate update in model.StreamAsync("Once upon a time", options))
            Console.Write(update.Text);
        #endregion
    }

    public static async Task Chat()
    {
        #region chat
        TransformerModel model = await ModelLoader.LoadAsync("model.gguf");
        using TransformerChatClient client = new(model);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Why is the sky blue?"))
            Console.Write(update);
        #endregion
    }

    public static void Web(string[] args)
    {
        #region web
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Services.AddTransformer("model.gguf");
        WebApplication app = builder.Build();

        app.MapGet("/complete", (string prompt, TextGenerator generator, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(generator.StreamAsync(prompt, cancellationToken: cancellationToken).Select(update => update.Text)));
        app.Run();
        #endregion
    }

    public static async Task Package()
    {
        #region ai-package
        TransformerModel model = TransformerBuilder.FromGguf("model.gguf").Build();
        using TransformerChatClient client = new(model);
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Why is the sky blue?"))
            Console.Write(update);
        #endregion
    }
}
