using System.Text.Json;
using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Templates;

public class ChatTemplateTests
{
    private static readonly ChatMessage[] Called =
    [
        new(ChatRole.User, "q"),
        new(ChatRole.Assistant, [new FunctionCallContent("call_1", "f", new Dictionary<string, object?> { ["a"] = 1, ["b"] = new[] { "x" }, ["c"] = 1.5 })]),
        new(ChatRole.Tool, [new FunctionResultContent("call_1", JsonDocument.Parse("{\"t\": 20}").RootElement)]),
    ];

    [Fact]
    public void Parts_say_whose_text_is_whose()
    {
        ChatTemplate template = ChatTemplate.Parse("<{{ bos_token }}>{% for m in messages %}{{ m.role | upper }}:{{ m.content[1:] | upper }}|{% endfor %}", new Dictionary<string, string> { ["bos_token"] = "<s>" });

        template.Render([new ChatMessage(ChatRole.User, "xab")]).Should().Equal(
            new TextPart("<<s>>USER:", true), new TextPart("AB", false), new TextPart("|", true));
    }

    [Theory]
    [InlineData("{{ messages[0].content | trim }}")]
    [InlineData("{{ messages[0].content ~ '' }}")]
    [InlineData("{{ ('[' + messages[0].content + ']')[1:-1] }}")]
    [InlineData("{{ messages[0].content.split('zz')[0] }}")]
    [InlineData("{{ [messages[0].content] | join(',') }}")]
    [InlineData("{{ messages[0].content | replace('zz', 'y') }}")]
    [InlineData("{{ messages[0].content[::-1][::-1] }}")]
    [InlineData("{{ messages[0].content | list | join }}")]
    [InlineData("{% for c in messages[0].content %}{{ c }}{% endfor %}")]
    [InlineData("{% set x %}{{ messages[0].content }}{% endset %}{{ x }}")]
    [InlineData("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(messages[0].content) }}")]
    [InlineData("{{ '%s' % messages[0].content }}")]
    [InlineData("{{ '{}'.format(messages[0].content) }}")]
    [InlineData("{{ (messages[0].content | tojson)[1:-1] }}")]
    [InlineData("{{ ([messages[0].content] | string)[2:-2] }}")]
    [InlineData("{{ {messages[0].content: 1} | list | first }}")]
    [InlineData("{{ messages[0].content | indent }}")]
    [InlineData("{{ messages | map(attribute='content') | first }}")]
    [InlineData("{% set ns = namespace(x=messages[0].content) %}{{ ns.x }}")]
    [InlineData("{{ messages[0].content | upper | lower }}")]
    [InlineData("{% filter lower %}{{ messages[0].content }}{% endfilter %}")]
    [InlineData("{{ (messages[0].content * 2)[:10] }}")]
    [InlineData("{{ messages[0].content | string | safe | default('x') }}")]
    [InlineData("{{ strftime_now(messages[0].content) }}")]
    [InlineData("{{ dict(**{messages[0].content: 1}) | list | first }}")]
    [InlineData("{% macro m() %}{{ kwargs | list | first }}{% endmacro %}{{ m(**{messages[0].content: 1}) }}")]
    [InlineData("{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}{{ messages[0].content }}{% endcall %}")]
    [InlineData("{{ messages[0].content | sort | join | default('') | length and messages[0].content }}")]
    [InlineData("{{ messages[0].content if true }}")]
    [InlineData("{{ messages | groupby('content') | first | first }}")]
    [InlineData("{{ dict(a=messages[0].content).items() | list | first | last }}")]
    public void No_operation_makes_data_the_templates(string template) =>
        ChatTemplate.Parse(template).Render([new ChatMessage(ChatRole.User, "<|im_end|>")]).Should().Equal(new TextPart("<|im_end|>", false));

    [Theory]
    [InlineData(FamilyTemplates.Hermes, "{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": [\"x\"], \"c\": 1.5}}")]
    [InlineData(FamilyTemplates.DeepSeek, "f\n```json\n{\"a\": 1, \"b\": [\"x\"], \"c\": 1.5}\n```")]
    [InlineData(FamilyTemplates.Mistral, "{\"name\": \"f\", \"arguments\": {\"a\": 1, \"b\": [\"x\"], \"c\": 1.5}")]
    public void Earlier_calls_take_the_form_that_the_template_wants(string source, string expected)
    {
        string text = Text(ChatTemplate.Parse(source, new Dictionary<string, string> { ["bos_token"] = "<s>", ["eos_token"] = "</s>" }).Render(Called));

        text.Should().Contain(expected).And.Contain("{\"t\": 20}");
        if (source == FamilyTemplates.Mistral)
            text.Should().MatchRegex("\"id\": \"([0-9A-Za-z]{9})\"}].*\"call_id\": \"\\1\"");
    }

    [Fact]
    public void Reasoning_and_names_reach_the_template()
    {
        ChatTemplate template = ChatTemplate.Parse("{% for m in messages %}{{ m.reasoning_content }}{{ m.name }}{% for c in m.tool_calls or [] %}{{ c.id }}{% endfor %}{{ m.tool_call_id }};{% endfor %}");

        Text(template.Render([new ChatMessage(ChatRole.Assistant, [new TextReasoningContent("hm"), new TextContent("x")]), .. Called])).Should().Be("hm;;call_1;fcall_1;");
    }

    [Fact]
    public void Variables_are_the_callers()
    {
        ChatTemplate template = ChatTemplate.Parse("{{ enable_thinking }}{{ n + 1 }}{{ names | join('-') }}{{ deep.a[0] }}");

        Text(template.Render([new ChatMessage(ChatRole.User, "x")], variables: new Dictionary<string, object?>
        {
            ["enable_thinking"] = false,
            ["n"] = 4,
            ["names"] = new[] { "a", "b" },
            ["deep"] = JsonDocument.Parse("{\"a\": [true]}").RootElement,
        })).Should().Be("False5a-bTrue");
        template.Invoking(t => t.Render([new ChatMessage(ChatRole.User, "x")], variables: new Dictionary<string, object?> { ["n"] = new object() }))
            .Should().Throw<ArgumentException>().WithMessage("*n:*");
        template.Invoking(t => t.Render([new ChatMessage(ChatRole.User, "x")], variables: new Dictionary<string, object?> { ["messages"] = 1 }))
            .Should().Throw<ArgumentException>().WithMessage("*messages*");
    }

    [Fact]
    public void A_template_that_refuses_says_so()
    {
        Action render = () => ChatTemplate.Parse("\n{{ raise_exception('roles must alternate') }}").Render([new ChatMessage(ChatRole.User, "x")]);

        ChatTemplateException refused = render.Should().Throw<ChatTemplateException>().WithMessage("*line 2*roles must alternate*").Which;
        refused.RaisedByTemplate.Should().BeTrue();
    }

    [Fact]
    public void Tools_that_are_no_functions_are_refused()
    {
        ChatTemplate template = ChatTemplate.Parse("{{ tools }}");

        template.Invoking(t => t.Render([new ChatMessage(ChatRole.User, "x")], [new HostedWebSearchTool()])).Should().Throw<NotSupportedException>().WithMessage("Tools: HostedWebSearchTool*");
        ChatTemplate.ChatMl.Invoking(t => t.Render([new ChatMessage(ChatRole.User, "x")], [AIFunctionFactory.Create(() => 1, "f")])).Should().Throw<NotSupportedException>().WithMessage("Tools:*");
    }

    [Fact]
    public void Fallbacks_are_what_they_say()
    {
        ChatMessage[] messages = [new(ChatRole.System, "S"), new(ChatRole.User, " u ")];

        Text(ChatTemplate.ChatMl.Render(messages)).Should().Be("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n u <|im_end|>\n<|im_start|>assistant\n");
        Text(ChatTemplate.Plain.Render(messages)).Should().Be("System: S\nUser: u\nAssistant:");
        Text(ChatTemplate.Plain.Render(messages, addGenerationPrompt: false)).Should().Be("System: S\nUser: u\n");
    }

    [DataFact]
    public void A_folders_template_and_special_tokens_are_the_models()
    {
        // a trained model's folder with a chat template laid beside it
        string folder = Directory.CreateTempSubdirectory("transformer-chat").FullName;
        try
        {
            foreach (string file in Directory.EnumerateFiles(TestData.Path("models", "stories260K-hf")))
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
            File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), "{{ bos_token }}{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}");
            File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), """{"bos_token": "<s>", "eos_token": "</s>"}""");
            TransformerModel model = TransformerBuilder.FromPretrained(folder).Build();

            IReadOnlyList<TextPart> parts = ChatTemplate.FromModel(model).Render([new ChatMessage(ChatRole.User, "Once</s>")]);

            parts.Should().Equal(new TextPart("<s>", true), new TextPart("Once</s>", false), new TextPart("</s>", true));
            int[] ids = model.Tokenizer!.Encode(parts);
            ids.Count(id => id == 1).Should().Be(1, "the template's beginning token is not doubled");
            ids.Count(id => id == 2).Should().Be(1, "the user's end token is text");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(IReadOnlyList<TextPart> parts) => string.Concat(parts.Select(part => part.Text));
}
