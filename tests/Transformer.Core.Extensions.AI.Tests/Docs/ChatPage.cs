using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Transformer.Core.Extensions.AI.Tests.Docs;

/// <summary>The code of docs/chat.md and of the package's README, which ChatPageTests compares with the pages.</summary>
internal static class ChatPage
{
    public static async Task Run(string path, IServiceCollection services)
    {
        {
            TransformerModel model = TransformerBuilder.FromGguf(path).Build();
            using TransformerChatClient client = new(model);
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("Why is the sky blue?"))
                Console.Write(update);

            AIFunction weather = AIFunctionFactory.Create((string city) => $"Sunny in {city}", "get_weather", "The weather of a city");
            using IChatClient agent = client.AsBuilder().UseFunctionInvocation().Build();
            ChatResponse answer = await agent.GetResponseAsync("Weather in Cologne?", new ChatOptions { Tools = [weather] });

            ChatTemplate template = ChatTemplate.FromModel(model);
            IReadOnlyList<TextPart> parts = template.Render([new ChatMessage(ChatRole.User, "Hello")]);
            int[] prompt = model.Tokenizer!.Encode(parts, addBos: false);

            using TransformerEmbeddingGenerator generator = new(model, EmbeddingPooling.Mean);
            Embedding<float> vector = await generator.GenerateAsync("The cat sat.");

            services.AddTransformer(path).AddChatClient().AddEmbeddingGenerator();
        }
    }
}
