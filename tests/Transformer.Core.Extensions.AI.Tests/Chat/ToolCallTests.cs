using System.Text.Json;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;

namespace Transformer.Core.Extensions.AI.Tests.Chat;

/// <summary>Tool calls end to end: a real model forced to write them, each family's way.</summary>
public class ToolCallTests
{
    private static AIFunction Weather { get; } = AIFunctionFactory.Create((string city, int days) => $"{city}: {days} days of sun", "get_weather", "Weather of a city");

    public static TheoryData<string, string, string[]> Families => new()
    {
        { FamilyTemplates.Hermes, "Let me see.\n<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Köln\", \"days\": 2}}\n</tool_call>", [] },
        { FamilyTemplates.Llama, "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Köln\", \"days\": 2}}", ["<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"] },
        { FamilyTemplates.Llama, "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Köln\", \"days\": 2}}", ["<|python_tag|>"] },
        { FamilyTemplates.Mistral, "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Köln\", \"days\": 2}}]", ["[TOOL_CALLS]"] },
        { FamilyTemplates.Mistral, "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Köln\", \"days\": 2}", ["[TOOL_CALLS]", "[ARGS]"] },
        {
            FamilyTemplates.DeepSeek,
            "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"Köln\", \"days\": 2}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            ["<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"]
        },
        { FamilyTemplates.DeepSeek, "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Köln\", \"days\": 2}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", [] },
        {
            FamilyTemplates.Harmony,
            "<|channel|>analysis<|message|>Need weather.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Köln\", \"days\": 2}<|call|>",
            ["<|channel|>", "<|message|>", "<|end|>", "<|start|>", "<|constrain|>", "<|call|>"]
        },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public async Task A_written_call_becomes_a_call(string template, string answer, string[] marks)
    {
        ScriptedModel model = new(marks);
        using TransformerChatClient client = model.Client(template, answer, answer);
        ChatOptions options = new() { Tools = [Weather] };

        ChatResponse response = await client.GetResponseAsync("Weather in Köln?", options);
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync([new ChatMessage(ChatRole.User, "Weather in Köln?")], options).ToListAsync();

        foreach (ChatResponse found in new[] { response, updates.ToChatResponse() })
        {
            FunctionCallContent call = found.Messages.Single().Contents.OfType<FunctionCallContent>().Should().ContainSingle().Which;
            call.Name.Should().Be("get_weather");
            call.Exception.Should().BeNull();
            call.CallId.Should().MatchRegex("^[0-9A-Za-z]{9}$");
            call.Arguments!["city"].Should().BeOfType<JsonElement>().Which.GetString().Should().Be("Köln");
            call.Arguments!["days"].Should().BeOfType<JsonElement>().Which.GetInt32().Should().Be(2);
            found.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
            found.Text.Should().NotContain("get_weather").And.NotContain("<");
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public async Task The_call_is_made_and_its_result_goes_back(string template, string answer, string[] marks)
    {
        ScriptedModel model = new(marks);
        List<string> prompts = [];
        using TransformerChatClient inner = model.Client(template, answer, template == FamilyTemplates.Harmony ? "<|channel|>final<|message|>Sunny." : "Sunny.");
        using IChatClient client = new ChatClientBuilder(inner).UseFunctionInvocation().Build();

        ChatResponse response = await client.GetResponseAsync("Weather in Köln?", new ChatOptions { Tools = [Weather] });

        response.Text.Should().EndWith("Sunny.");
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        FunctionResultContent result = response.Messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Single();
        result.Result.Should().BeOfType<JsonElement>().Which.GetString().Should().Be("Köln: 2 days of sun");

        // and the template is given the call and its result
        string prompt = string.Concat(ChatTemplate.Parse(template, new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" })
            .Render([new ChatMessage(ChatRole.User, "Weather in Köln?"), .. response.Messages.SkipLast(1)], [Weather]).Select(part => part.Text));
        prompt.Should().Contain("Köln: 2 days of sun");
        if (template != FamilyTemplates.Llama)
            prompt.Should().Contain("get_weather").And.MatchRegex("\"city\": \"Köln\", \"days\": 2");
    }

    [Fact]
    public async Task Several_calls_come_unless_one_is_wanted()
    {
        ScriptedModel model = new();
        string answer = string.Concat(Enumerable.Repeat("<tool_call>{\"name\": \"get_weather\", \"arguments\": {}}</tool_call>\n", 2));
        using TransformerChatClient client = model.Client(FamilyTemplates.Hermes, answer, answer);
        ChatOptions options = new() { Tools = [Weather] };

        (await client.GetResponseAsync("?", options)).Messages.Single().Contents.OfType<FunctionCallContent>().Should().HaveCount(2);
        options.AllowMultipleToolCalls = false;
        ChatResponse one = await client.GetResponseAsync("?", options);

        one.Messages.Single().Contents.OfType<FunctionCallContent>().Should().ContainSingle();
        one.FinishReason.Should().Be(ChatFinishReason.ToolCalls);
        one.Usage!.OutputTokenCount.Should().BeLessThan(answer.Length);
    }

    [Theory]
    [InlineData("<tool_call>{\"name\": \"get_weather\", \"argu</tool_call>")]
    [InlineData("<tool_call>no json</tool_call>")]
    [InlineData("a < b and <tool_ but no call")]
    [InlineData("<tool_call>{\"name\": \"get_weather\"")]
    public async Task What_is_no_call_stays_text(string answer)
    {
        using TransformerChatClient client = new ScriptedModel().Client(FamilyTemplates.Hermes, answer);

        ChatResponse response = await client.GetResponseAsync("?", new ChatOptions { Tools = [Weather] });

        response.Text.Should().Be(answer);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Without_tools_a_call_is_text()
    {
        const string Answer = "<tool_call>{\"name\": \"x\", \"arguments\": {}}</tool_call>";
        using TransformerChatClient client = new ScriptedModel().Client(FamilyTemplates.Hermes, Answer, Answer);

        (await client.GetResponseAsync("?")).Text.Should().Be(Answer);
        (await client.GetResponseAsync("?", new ChatOptions { Tools = [Weather], ToolMode = ChatToolMode.None })).Text.Should().Be(Answer);
    }

    [Fact]
    public async Task Wrong_arguments_are_a_call_with_an_exception()
    {
        using TransformerChatClient client = new ScriptedModel().Client(FamilyTemplates.Hermes, "<tool_call>{\"name\": \"get_weather\", \"arguments\": [1]}</tool_call>");

        FunctionCallContent call = (await client.GetResponseAsync("?", new ChatOptions { Tools = [Weather] })).Messages.Single().Contents.OfType<FunctionCallContent>().Single();

        call.Exception.Should().BeOfType<JsonException>().Which.Message.Should().Contain("get_weather");
    }

    [Fact]
    public void Tools_reach_the_template_with_their_whole_schema()
    {
        string prompt = string.Concat(ChatTemplate.Parse(FamilyTemplates.Hermes).Render([new ChatMessage(ChatRole.User, "x")], [Weather]).Select(part => part.Text));

        using JsonDocument tool = JsonDocument.Parse(prompt["<tools>".Length..prompt.IndexOf('\n', StringComparison.Ordinal)]);
        JsonElement function = tool.RootElement.GetProperty("function");
        function.GetProperty("description").GetString().Should().Be("Weather of a city");
        JsonElement.DeepEquals(function.GetProperty("parameters"), Weather.JsonSchema).Should().BeTrue();
    }
}
