using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;

namespace Transformer.Core.Extensions.AI.Tests.Chat;

/// <summary>One client, many callers.</summary>
public class ChatConcurrencyTests
{
    [Fact]
    public async Task Many_callers_at_once_get_what_each_would_get_alone()
    {
        ScriptedModel model = new();
        TransformerChatClientOptions options = new() { Template = ChatTemplate.Parse(ChatClientTests.Lines), Defaults = new GenerationOptions { MaxTokens = 24 } };
        string[] prompts = [.. Enumerable.Range(0, 16).Select(i => $"prompt {i}")];
        List<string> alone = [];
        foreach (string prompt in prompts)
        {
            using TransformerChatClient client = new(model.Model, options);
            alone.Add((await client.GetResponseAsync(prompt)).Text);
        }
        using TransformerChatClient shared = new(model.Model, options);

        ChatResponse[] together = await Task.WhenAll(prompts.Select(prompt => shared.GetResponseAsync(prompt)));

        together.Select(response => response.Text).Should().Equal(alone);
    }
}
