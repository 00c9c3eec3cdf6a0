using System.ClientModel;
using System.Text.Json;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.WebCompletion.Tests.Support;

namespace Transformer.Core.WebCompletion.Tests;

/// <summary>The official client, unmodified, against the sample.</summary>
public class OfficialClientTests(WebApp app) : IClassFixture<WebApp>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}}}"""));

    [Fact]
    public async Task Chat_streams_what_it_also_says_at_once()
    {
        ChatClient chat = app.Official.GetChatClient("primer");
        ChatCompletionOptions options = new() { MaxOutputTokenCount = 5, Temperature = 0 };
        ChatMessage[] messages = [new UserChatMessage("I love")];

        ChatCompletion whole = await chat.CompleteChatAsync(messages, options);
        List<StreamingChatCompletionUpdate> updates = [];
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, options))
            updates.Add(update);

        string text = whole.Content.Single().Text;
        text.Should().NotBeEmpty();
        string.Concat(updates.SelectMany(update => update.ContentUpdate).Select(part => part.Text)).Should().Be(text);
        updates.Count(update => update.ContentUpdate.Any(part => part.Text.Length > 0)).Should().BeGreaterThan(2, "it comes in pieces");
        updates[0].Role.Should().Be(ChatMessageRole.Assistant);
        updates.Single(update => update.FinishReason is not null).FinishReason.Should().Be(whole.FinishReason).And.Be(ChatFinishReason.Length);
        ChatTokenUsage usage = updates.Single(update => update.Usage is not null).Usage;
        usage.OutputTokenCount.Should().Be(5).And.Be(whole.Usage.OutputTokenCount);
        usage.InputTokenCount.Should().Be(whole.Usage.InputTokenCount);
        usage.TotalTokenCount.Should().Be(usage.InputTokenCount + 5);
        whole.Model.Should().Be("primer");
    }

    [Fact]
    public async Task Log_probabilities_come_with_their_alternatives()
    {
        ChatClient chat = app.Official.GetChatClient("primer");
        ChatCompletionOptions options = new() { MaxOutputTokenCount = 5, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 };

        ChatCompletion whole = await chat.CompleteChatAsync([new UserChatMessage("I love")], options);
        List<ChatTokenLogProbabilityDetails> streamed = [];
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage("I love")], options))
            streamed.AddRange(update.ContentTokenLogProbabilities);

        whole.ContentTokenLogProbabilities.Should().HaveCount(5);
        string.Concat(whole.ContentTokenLogProbabilities.Select(token => token.Token)).Should().Be(whole.Content[0].Text);
        streamed.Select(token => (token.Token, token.LogProbability)).Should().Equal(whole.ContentTokenLogProbabilities.Select(token => (token.Token, token.LogProbability)));
        foreach (ChatTokenLogProbabilityDetails token in streamed)
        {
            token.TopLogProbabilities.Should().HaveCount(3);
            token.TopLogProbabilities[0].Token.Should().Be(token.Token, "the choice is greedy");
            token.Utf8Bytes!.Value.ToArray().Should().Equal(System.Text.Encoding.UTF8.GetBytes(token.Token));
        }
    }

    [Fact]
    public async Task A_tool_is_called_and_its_result_read()
    {
        const string Call = "<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Köln\"}}</tool_call>";
        ScriptedModel model = new();
        using WebApp scripted = WebApp.With(model.Model, options => (options.FallbackTemplate, options.Defaults) = (ChatTemplate.Parse(FamilyTemplates.Hermes), model.Answers(Call, Call, "Sunny in Köln.")));
        ChatClient chat = scripted.Official.GetChatClient("tiny");
        List<ChatMessage> messages = [new UserChatMessage("Weather in Köln?")];
        ChatCompletionOptions options = new() { Tools = { Weather }, ToolChoice = ChatToolChoice.CreateAutoChoice() };

        List<StreamingChatToolCallUpdate> pieces = [];
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, options))
        {
            pieces.AddRange(update.ToolCallUpdates);
            reason = update.FinishReason ?? reason;
        }
        reason.Should().Be(ChatFinishReason.ToolCalls);
        pieces[0].FunctionName.Should().Be("get_weather");
        pieces[0].ToolCallId.Should().NotBeNullOrEmpty();
        City(string.Concat(pieces.Select(piece => piece.FunctionArgumentsUpdate.ToString()))).Should().Be("Köln");

        ChatCompletion asked = await chat.CompleteChatAsync(messages, options);
        asked.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        ChatToolCall call = asked.ToolCalls.Single();
        City(call.FunctionArguments.ToString()).Should().Be("Köln");
        messages.AddRange([new AssistantChatMessage(asked), new ToolChatMessage(call.Id, "21 degrees, sun")]);
        ChatCompletion answered = await chat.CompleteChatAsync(messages, options);
        answered.Content.Single().Text.Should().Be("Sunny in Köln.");
        answered.FinishReason.Should().Be(ChatFinishReason.Stop);
        answered.Usage.InputTokenDetails.CachedTokenCount.Should().BeGreaterThan(100, "the first turn's tokens are not computed again");
    }

    [Fact]
    public async Task Embeddings_are_the_same_in_both_encodings()
    {
        EmbeddingClient client = app.Official.GetEmbeddingClient("primer");

        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(["I love my mother.", "我爱"]);
        (_, JsonElement floats) = await app.Post("v1/embeddings", new { model = "primer", input = "我爱", encoding_format = "float" });

        vectors.Should().HaveCount(2);
        float[] vector = vectors[1].ToFloats().ToArray();
        vector.Should().HaveCount(128);
        vector.Sum(value => value * value).Should().BeApproximately(1, 1e-5f);
        floats.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).Should().Equal(vector);
        vectors.Usage.InputTokenCount.Should().BeGreaterThan(4);

        OpenAIEmbeddingCollection ofTokens = await client.GenerateEmbeddingsAsync([new int[] { 0, 5 }, new int[] { 0, 6 }]);
        ofTokens.Should().HaveCount(2);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        OpenAIModelClient models = app.Official.GetOpenAIModelClient();
        (await models.GetModelsAsync()).Value.Single().Id.Should().Be("primer");
        (await models.GetModelAsync("primer")).Value.OwnedBy.Should().Be("transformer.core");
        await models.Invoking(client => client.GetModelAsync("gpt-4")).Should().ThrowAsync<ClientResultException>().Where(error => error.Status == 404 && error.Message.Contains("gpt-4"));
    }

    [Fact]
    public async Task What_is_wrong_reaches_the_client_by_name()
    {
        ChatClient chat = app.Official.GetChatClient("primer");
        await chat.Invoking(client => client.CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { ResponseFormat = ChatResponseFormat.CreateJsonObjectFormat() }))
            .Should().ThrowAsync<ClientResultException>().Where(error => error.Status == 400 && error.Message.Contains("response_format"));
        await chat.Invoking(client => client.CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { Tools = { Weather } }))
            .Should().ThrowAsync<ClientResultException>().Where(error => error.Status == 400 && error.Message.Contains("tools", StringComparison.OrdinalIgnoreCase));
    }

    private static string? City(string arguments) => JsonSerializer.Deserialize<JsonElement>(arguments).GetProperty("city").GetString();
}
