using Microsoft.Extensions.AI;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Chat;

/// <summary>With trained models: the client says what the generator says.</summary>
public class TrainedModelTests
{
    private static readonly ChatTemplate Bare = ChatTemplate.Parse("{{ bos_token }}{{ messages | map(attribute='content') | join }}", new Dictionary<string, string> { ["bos_token"] = "<s>" });

    [DataFact]
    public async Task The_text_is_the_generators()
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", "stories260K.gguf")).Build();
        GenerationOptions options = new() { MaxTokens = 60 };
        using TransformerChatClient client = new(model, new TransformerChatClientOptions { Template = Bare, Defaults = options });
        string expected = model.Complete("Once upon a time", options).Text;

        ChatResponse response = await client.GetResponseAsync("Once upon a time");
        List<string> pieces = [];
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Once upon a time")]))
            pieces.Add(update.Text);

        response.Text.TrimStart().Should().Be(expected.TrimStart());
        string.Concat(pieces).Should().Be(response.Text);
        pieces.Count(piece => piece.Length > 0).Should().BeGreaterThan(20);
    }

    [DataFact]
    public async Task A_stop_string_cuts_where_it_stands()
    {
        TransformerModel model = TransformerBuilder.FromGguf(TestData.Path("models", "stories260K.gguf")).Build();
        using TransformerChatClient client = new(model, new TransformerChatClientOptions { Template = Bare, Defaults = new GenerationOptions { MaxTokens = 60 } });
        string whole = (await client.GetResponseAsync("Once upon a time")).Text;
        string stop = whole[21..26];

        ChatResponse cut = await client.GetResponseAsync("Once upon a time", new ChatOptions { StopSequences = [stop, "never there"] });

        cut.Text.Should().Be(whole[..whole.IndexOf(stop, StringComparison.Ordinal)]);
        cut.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task The_primer_chats_in_plain_lines()
    {
        TransformerModel model = TransformerBuilder.FromGguf(Repository.Path("samples", "primer", "primer.gguf")).Build();
        using TransformerChatClient client = new(model, new TransformerChatClientOptions { Template = ChatTemplate.Plain });
        ChatOptions options = new() { MaxOutputTokens = 20, Temperature = 0.8f, TopP = 0.9f, TopK = 40, Seed = 5, StopSequences = ["\nUser:"] };

        string first = (await client.GetResponseAsync("Hello", options)).Text;

        (await client.GetResponseAsync("Hello", options)).Text.Should().Be(first, "the seed holds");
    }
}
