using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Hosting;

public class RegistrationTests
{
    private static readonly TransformerChatClientOptions Plain = new() { Template = ChatTemplate.Plain, Defaults = new GenerationOptions { MaxTokens = 4 } };

    [Fact]
    public async Task Client_and_generator_hang_on_the_model()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero));
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(time);
        services.AddTransformer(Repository.Path("samples", "primer", "primer.gguf")).AddChatClient(Plain).AddEmbeddingGenerator();
        await using ServiceProvider provider = services.BuildServiceProvider();

        IChatClient client = provider.GetRequiredService<IChatClient>();
        ChatResponse response = await client.GetResponseAsync("The cat");

        client.GetService<TransformerModel>().Should().BeSameAs(provider.GetRequiredService<TransformerModel>());
        response.CreatedAt.Should().Be(time.GetUtcNow());
        response.Usage!.OutputTokenCount.Should().BeInRange(1, 4);
        provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().Should().BeSameAs(provider.GetRequiredService<IEmbeddingGenerator>());
    }

    [Fact]
    public async Task Keys_are_the_models()
    {
        ServiceCollection services = new();
        string primer = Repository.Path("samples", "primer", "primer.gguf");
        services.AddKeyedTransformer("a", primer).AddChatClient(Plain with { ModelId = "first" });
        services.AddKeyedTransformer("b", primer).AddChatClient(_ => Plain with { ModelId = "second" }).AddEmbeddingGenerator(modelId: "second");
        await using ServiceProvider provider = services.BuildServiceProvider();

        (await provider.GetRequiredKeyedService<IChatClient>("a").GetResponseAsync("x")).ModelId.Should().Be("first");
        (await provider.GetRequiredKeyedService<IChatClient>("b").GetResponseAsync("x")).ModelId.Should().Be("second");
        provider.GetService<IChatClient>().Should().BeNull();
        provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("b").GetService(typeof(TransformerModel))
            .Should().BeSameAs(provider.GetRequiredKeyedService<TransformerModel>("b"));
    }
}
