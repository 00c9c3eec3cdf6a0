using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Transformer.Core.Extensions.AI.Tests.Support;

namespace Transformer.Core.Extensions.AI.Tests.Chat;

public class ChatClientTests
{
    internal const string Lines = "{# no bos_token #}{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

    private static readonly ChatMessage[] Hi = [new(ChatRole.User, "hi")];

    [Fact]
    public async Task A_response_says_all_of_itself()
    {
        ScriptedModel model = new();
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        using TransformerChatClient client = new(model.Model, new TransformerChatClientOptions { Template = ChatTemplate.Parse(Lines), Defaults = model.Answers("Hello é 🙂"), TimeProvider = time, ModelId = "m" });

        ChatResponse response = await client.GetResponseAsync(Hi);

        response.Text.Should().Be("Hello é 🙂");
        response.Messages.Should().ContainSingle().Which.Role.Should().Be(ChatRole.Assistant);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
        response.ModelId.Should().Be("m");
        response.CreatedAt.Should().Be(time.GetUtcNow());
        response.ResponseId.Should().NotBeNullOrEmpty();
        response.Usage!.InputTokenCount.Should().Be("user: hi\nassistant: ".Length);
        response.Usage.OutputTokenCount.Should().Be(6 + 2 + 1 + 4 + 1, "bytes and the end token");
        response.Usage.TotalTokenCount.Should().Be(response.Usage.InputTokenCount + response.Usage.OutputTokenCount);
        response.Usage.CachedInputTokenCount.Should().Be(0);
    }

    [Fact]
    public async Task Streaming_gives_text_as_it_comes_and_usage_at_the_end()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, "one two");

        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Hi).ToListAsync();

        updates.Select(update => update.Text).Where(text => text.Length > 0).Should().Equal("o", "n", "e", " ", "t", "w", "o");
        updates.SkipLast(1).Should().OnlyContain(update => update.FinishReason == null);
        updates[^1].FinishReason.Should().Be(ChatFinishReason.Stop);
        updates[^1].Contents.OfType<UsageContent>().Single().Details.OutputTokenCount.Should().Be(8);
        updates.Select(update => update.ResponseId).Distinct().Should().ContainSingle();
    }

    [Theory]
    [InlineData("Hello World, END of it", "END", "Hello World, ")]
    [InlineData("Hello World, END of it", "o W", "Hell")]
    [InlineData("almost EN but not", "END", "almost EN but not")]
    public async Task Stop_strings_are_exact_over_borders_of_tokens(string answer, string stop, string expected)
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, answer);

        ChatResponse response = await client.GetResponseAsync(Hi, new ChatOptions { StopSequences = [stop] });

        response.Text.Should().Be(expected);
        response.FinishReason.Should().Be(ChatFinishReason.Stop);
    }

    [Fact]
    public async Task Length_ends_an_answer()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, "Hello World");

        ChatResponse response = await client.GetResponseAsync(Hi, new ChatOptions { MaxOutputTokens = 5 });

        response.Text.Should().Be("Hello");
        response.FinishReason.Should().Be(ChatFinishReason.Length);
        response.Usage!.OutputTokenCount.Should().Be(5);
    }

    [Fact]
    public async Task The_next_turn_computes_only_what_is_new()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, "Hello", "Fine");
        List<ChatMessage> messages = [.. Hi];

        ChatResponse first = await client.GetResponseAsync(messages);
        messages.AddMessages(first);
        messages.Add(new ChatMessage(ChatRole.User, "how are you?"));
        ChatResponse second = await client.GetResponseAsync(messages);

        second.Usage!.CachedInputTokenCount.Should().Be("user: hi\nassistant: Hello".Length);
    }

    [Fact]
    public async Task Reasoning_is_told_apart()
    {
        ScriptedModel model = new();
        using TransformerChatClient client = model.Client(FamilyTemplates.Thinking, "<think>\nHm, < 3.\n</think>\n\nYes.", "<think>\nHm\n</think>\n\nYes.");

        ChatMessage message = (await client.GetResponseAsync(Hi)).Messages.Single();
        ChatResponse hidden = await client.GetResponseAsync(Hi, new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.None } });

        message.Contents.OfType<TextReasoningContent>().Single().Text.Should().Be("Hm, < 3.");
        message.Text.Should().Be("Yes.");
        hidden.Messages.Single().Contents.OfType<TextReasoningContent>().Should().BeEmpty();
        hidden.Text.Should().Be("Yes.");
    }

    [Fact]
    public async Task Reasoning_that_the_prompt_opened_is_told_apart()
    {
        using TransformerChatClient client = new ScriptedModel().Client(FamilyTemplates.OpenThinking, "Hm.\n</think>\nYes.");

        ChatMessage message = (await client.GetResponseAsync(Hi)).Messages.Single();

        message.Contents.OfType<TextReasoningContent>().Single().Text.Should().Be("Hm.");
        message.Text.Should().Be("Yes.");
    }

    [Fact]
    public async Task Reasoning_effort_sets_the_templates_variable()
    {
        ScriptedModel model = new();
        using TransformerChatClient client = model.Client(FamilyTemplates.Thinking, "a", "b");
        using TransformerChatClient plain = model.Client(Lines);
        ChatOptions none = new() { Reasoning = new ReasoningOptions { Effort = ReasoningEffort.None } };

        ChatResponse with = await client.GetResponseAsync(Hi, none);
        ChatResponse without = await client.GetResponseAsync(Hi);

        (with.Usage!.InputTokenCount - without.Usage!.InputTokenCount).Should().Be("<think></think>".Length);
        (await plain.Awaiting(c => c.GetResponseAsync(Hi, none)).Should().ThrowAsync<NotSupportedException>()).WithMessage("Reasoning.Effort*");
    }

    [Fact]
    public async Task Instructions_are_one_system_message_with_the_callers_own()
    {
        ScriptedModel model = new();
        using TransformerChatClient client = model.Client(Lines, "a", "b");

        ChatResponse alone = await client.GetResponseAsync(Hi, new ChatOptions { Instructions = "Be kind." });
        ChatResponse both = await client.GetResponseAsync([new ChatMessage(ChatRole.System, "Sys."), .. Hi], new ChatOptions { Instructions = "Be kind." });

        alone.Usage!.InputTokenCount.Should().Be("system: Be kind.\nuser: hi\nassistant: ".Length);
        both.Usage!.InputTokenCount.Should().Be("system: Be kind.\n\nSys.\nuser: hi\nassistant: ".Length);
    }

    [Fact]
    public async Task The_beginning_token_comes_once()
    {
        ScriptedModel model = new();
        using TransformerChatClient without = model.Client("{{ messages[0].content }}", "a");
        using TransformerChatClient with = model.Client("{{ bos_token }}{{ messages[0].content }}", "a");

        (await without.GetResponseAsync(Hi)).Usage!.InputTokenCount.Should().Be(3, "the model was trained with one");
        (await with.GetResponseAsync(Hi)).Usage!.InputTokenCount.Should().Be(3, "bos_token is the model's and is not doubled");
    }

    [Fact]
    public async Task Logprobs_come_when_asked_for()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, "abc", "abc");
        ChatOptions options = new() { AdditionalProperties = new() { ["top_logprobs"] = 3 } };

        ChatResponse response = await client.GetResponseAsync(Hi, options);
        List<ChatResponseUpdate> updates = await client.GetStreamingResponseAsync(Hi, options).ToListAsync();

        IReadOnlyList<TokenLogprobs> all = (IReadOnlyList<TokenLogprobs>)response.AdditionalProperties![TransformerChatClient.LogprobsKey]!;
        all.Select(token => token.TokenId).Should().Equal('a', 'b', 'c', 257);
        all.Should().OnlyContain(token => token.Logprob < 0 && token.TopLogprobs.Count == 3);
        updates.SelectMany(update => update.AdditionalProperties?[TransformerChatClient.LogprobsKey] as IReadOnlyList<TokenLogprobs> ?? [])
            .Select(token => token.TokenId).Should().Equal('a', 'b', 'c', 257);
    }

    [Fact]
    public async Task Options_by_name_and_whole_options_are_honoured()
    {
        ScriptedModel model = new();
        using TransformerChatClient client = model.Client(Lines, "unused");
        ChatOptions greedy = new() { MaxOutputTokens = 12, RawRepresentationFactory = _ => new GenerationOptions() };

        string first = (await client.GetResponseAsync(Hi, greedy)).Text;
        string again = (await client.GetResponseAsync(Hi, greedy)).Text;
        greedy.AdditionalProperties = new() { ["NoRepeatNgramSize"] = 1, ["repetition_window"] = 100L, ["LogitBias"] = new Dictionary<int, double> { [257] = -100, [256] = -100 } };
        ChatResponse other = await client.GetResponseAsync(Hi, greedy);

        again.Should().Be(first);
        other.Usage!.OutputTokenCount.Should().Be(12);
    }

    public static TheoryData<string, ChatOptions> Refused => new()
    {
        { "ConversationId", new ChatOptions { ConversationId = "c" } },
        { "ModelId", new ChatOptions { ModelId = "other" } },
        { "ResponseFormat", new ChatOptions { ResponseFormat = ChatResponseFormat.Json } },
        { "AllowBackgroundResponses", new ChatOptions { AllowBackgroundResponses = true } },
        { "ToolMode", new ChatOptions { ToolMode = ChatToolMode.RequireAny, Tools = [AIFunctionFactory.Create(() => 1, "f")] } },
        { "Tools", new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "f")] } },
        { "AdditionalProperties", new ChatOptions { AdditionalProperties = new() { ["no_such_option"] = 1 } } },
        { "Reasoning.Output", new ChatOptions { Reasoning = new ReasoningOptions { Output = ReasoningOutput.Summary } } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task What_cannot_be_honoured_is_refused_by_name(string name, ChatOptions options)
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines);

        (await client.Awaiting(c => c.GetResponseAsync(Hi, options)).Should().ThrowAsync<NotSupportedException>()).WithMessage(name + "*");
        client.Invoking(c => c.GetStreamingResponseAsync(Hi, options)).Should().Throw<NotSupportedException>("it throws where the call stands");
    }

    public static TheoryData<string, ChatOptions> Wrong => new()
    {
        { "Temperature", new ChatOptions { Temperature = float.NaN } },
        { "Temperature", new ChatOptions { Temperature = -1 } },
        { "TopP", new ChatOptions { TopP = 2 } },
        { "TopK", new ChatOptions { TopK = -1 } },
        { "MaxOutputTokens", new ChatOptions { MaxOutputTokens = 0 } },
        { "FrequencyPenalty", new ChatOptions { FrequencyPenalty = float.PositiveInfinity } },
        { "PresencePenalty", new ChatOptions { PresencePenalty = float.NaN } },
        { "StopSequences", new ChatOptions { StopSequences = [""] } },
        { "MinP", new ChatOptions { AdditionalProperties = new() { ["MinP"] = "much" } } },
        { "MinP", new ChatOptions { AdditionalProperties = new() { ["min_p"] = 3 } } },
        { "RawRepresentationFactory", new ChatOptions { RawRepresentationFactory = _ => "x" } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_value_is_refused_by_name(string name, ChatOptions options)
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines);

        (await client.Awaiting(c => c.GetResponseAsync(Hi, options)).Should().ThrowAsync<ArgumentException>()).WithMessage($"*{name}*");
    }

    [Fact]
    public async Task Wrong_messages_are_refused()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines);

        (await client.Awaiting(c => c.GetResponseAsync([])).Should().ThrowAsync<ArgumentException>()).WithMessage("messages: expected at least one*");
        (await client.Awaiting(c => c.GetResponseAsync([new ChatMessage(new ChatRole("wizard"), "x")])).Should().ThrowAsync<ArgumentException>()).WithMessage("*wizard*");
        (await client.Awaiting(c => c.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])])).Should().ThrowAsync<NotSupportedException>()).WithMessage("*image/png*");
        (await client.Awaiting(c => c.GetResponseAsync(new string('x', 5000))).Should().ThrowAsync<ContextLengthExceededException>()).Which.Capacity.Should().Be(4096);
        await client.Awaiting(c => c.GetResponseAsync((IEnumerable<ChatMessage>)null!)).Should().ThrowAsync<ArgumentNullException>();
    }

    [Fact]
    public void A_model_without_a_template_says_what_to_do()
    {
        Action create = () => new TransformerChatClient(new ScriptedModel().Model);

        create.Should().Throw<ChatTemplateException>().WithMessage("*tokenizer.chat_template*ChatTemplate.Parse*ChatTemplate.Plain*");
    }

    [Fact]
    public void Services_are_found()
    {
        ScriptedModel model = new();
        using TransformerChatClient client = model.Client(Lines);

        client.GetService<TransformerModel>().Should().BeSameAs(model.Model);
        client.GetService<TransformerChatClient>().Should().BeSameAs(client);
        client.GetService<IChatClient>().Should().BeSameAs(client);
        client.GetService<TextGenerator>()!.Model.Should().BeSameAs(model.Model);
        client.GetService<ChatClientMetadata>()!.DefaultModelId.Should().Be("tiny");
        client.GetService<ChatTemplate>().Should().NotBeNull();
        client.GetService(typeof(TransformerModel), "key").Should().BeNull();
        client.GetService<string>().Should().BeNull();
    }

    [Fact]
    public async Task Cancelling_ends_an_answer_and_the_client_goes_on()
    {
        using TransformerChatClient client = new ScriptedModel().Client(Lines, new string('a', 3000), "ok");
        using CancellationTokenSource source = new();

        Func<Task> run = async () =>
        {
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(Hi, cancellationToken: source.Token))
                source.Cancel();
        };

        await run.Should().ThrowAsync<OperationCanceledException>();
        (await client.GetResponseAsync(Hi)).Text.Should().Be("ok");
    }
}
