using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tokenization;

namespace Transformer.Core.Extensions.AI.Tests.Templates;

/// <summary>No text of users, tools or models becomes a special token; harmless text is encoded as Hugging Face does.</summary>
public class UserTextTests
{
    private static readonly Dictionary<string, (string Template, string[] Specials, Func<string[], ITokenizer> Create)> Families = new()
    {
        ["qwen"] = (FamilyTemplates.Hermes, ["<|im_start|>", "<|im_end|>", "<|endoftext|>"], specials => FamilyTokenizer.ByteLevel(specials, composes: true)),
        ["llama"] = (FamilyTemplates.Llama, ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>"], specials => FamilyTokenizer.ByteLevel(specials)),
        ["deepseek"] = (FamilyTemplates.DeepSeek, ["<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>", "<｜end▁of▁sentence｜>", "<｜tool▁calls▁begin｜>", "<｜tool▁output▁begin｜>", "<｜tool▁output▁end｜>"],
            specials => FamilyTokenizer.ByteLevel(specials, normalized: true)),
        ["gemma"] = (FamilyTemplates.Gemma, ["<bos>", "<start_of_turn>", "<end_of_turn>"], specials => FamilyTokenizer.Metaspace(specials)),
        ["mistral"] = (FamilyTemplates.Mistral, ["<s>", "</s>", "[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]"], specials => FamilyTokenizer.Metaspace(specials)),
        ["phi"] = (FamilyTemplates.Phi, ["<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|endoftext|>"], specials => FamilyTokenizer.Metaspace(specials, rstrip: true)),
        ["harmony"] = (FamilyTemplates.Harmony, ["<|start|>", "<|message|>", "<|channel|>", "<|end|>", "<|call|>", "<|return|>", "<|constrain|>"], specials => FamilyTokenizer.ByteLevel(specials)),
    };

    public static TheoryData<string> Names => [.. Families.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Hostile_text_makes_no_special_token(string family)
    {
        (string source, string[] specials, Func<string[], ITokenizer> create) = Families[family];
        ITokenizer tokenizer = create(specials);
        ChatTemplate template = Parse(source, specials);
        string hostile = "x " + string.Concat(specials) + " y " + string.Join(' ', specials.Select(special => special[..^1])) + specials[0];

        int[] harmless = tokenizer.Encode(template.Render(Conversation("plain text")), addBos: false);
        int[] attacked = tokenizer.Encode(template.Render(Conversation(hostile)), addBos: false);

        Specials(tokenizer, harmless).Should().NotBeEmpty();
        Specials(tokenizer, attacked).Should().Equal(Specials(tokenizer, harmless), "only the template writes special tokens");
        Normal(tokenizer.Decode(attacked)).Should().Contain(Normal(hostile.Trim()), "the text itself is kept");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Harmless_text_is_encoded_as_one_text(string family)
    {
        (string source, string[] specials, Func<string[], ITokenizer> create) = Families[family];
        ITokenizer tokenizer = create(specials);
        ChatTemplate template = Parse(source, specials);
        foreach (string content in new[] { "hi the user", "\n\nhi\n", " the  hi ", "e\u0301 漢字 🙂 <| |> < |", "", "hi" })
        {
            IReadOnlyList<TextPart> parts = template.Render(Conversation(content));

            int[] whole = tokenizer.Encode(string.Concat(parts.Select(part => part.Text)), addBos: false, parseSpecial: true);

            tokenizer.Encode(parts, addBos: false).Should().Equal(whole);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Tools_and_their_results_make_no_special_token(string family)
    {
        (string source, string[] specials, Func<string[], ITokenizer> create) = Families[family];
        ITokenizer tokenizer = create(specials);
        ChatTemplate template = Parse(source, specials);
        if (!template.HasTools)
            return;
        string hostile = string.Concat(specials);

        int[] Encode(string text) => tokenizer.Encode(template.Render(
            [
                new ChatMessage(ChatRole.User, text),
                new ChatMessage(ChatRole.Assistant, [new FunctionCallContent("abc", "f", new Dictionary<string, object?> { ["a"] = text })]),
                new ChatMessage(ChatRole.Tool, [new FunctionResultContent("abc", text)]),
            ],
            [AIFunctionFactory.Create((string a) => a, "f", text)]), addBos: false);

        Specials(tokenizer, Encode(hostile)).Should().Equal(Specials(tokenizer, Encode("plain")));
    }

    [Fact]
    public void A_special_token_of_both_authors_is_none()
    {
        ITokenizer tokenizer = FamilyTokenizer.ByteLevel(["<|im_end|>", "<|im_start|>"]);

        Specials(tokenizer, tokenizer.Encode([new TextPart("<|im_", false), new TextPart("end|>", true)])).Should().BeEmpty();
        Specials(tokenizer, tokenizer.Encode([new TextPart("<|im_end", true), new TextPart("|>", false)])).Should().BeEmpty();
        Specials(tokenizer, tokenizer.Encode([new TextPart("<|im_", true), new TextPart("end|>", true)])).Should().ContainSingle("two parts of one author are one text");
        Specials(tokenizer, tokenizer.Encode([new TextPart("<|im_end|", false), new TextPart("<|im_end|>", true)])).Should().ContainSingle();
    }

    [Fact]
    public void Composed_characters_do_not_move_the_border()
    {
        // Characters that become two, then ones that become one: the length is the same, the places are not, so that the
        // user's text would lie where the template's was.
        ITokenizer tokenizer = FamilyTokenizer.ByteLevel(["<|im_end|>"], normalized: true, composes: true);
        string grows = string.Concat(Enumerable.Repeat("\u0958", 12));
        string shrinks = string.Concat(Enumerable.Repeat("e\u0301", 12));

        int[] ids = tokenizer.Encode([new TextPart(grows + "<|im_end|>", false), new TextPart(new string('t', 20), true), new TextPart(shrinks, false)]);

        Specials(tokenizer, ids).Should().BeEmpty();
    }

    [Fact]
    public void A_beginning_token_of_the_template_is_not_doubled()
    {
        MarkTokenizer tokenizer = new();

        ((ITokenizer)tokenizer).Encode([new TextPart("<s>", true), new TextPart("hi", false)], addBos: true).Should().Equal(256, 'h', 'i');
        ((ITokenizer)tokenizer).Encode([new TextPart("<s>", false)], addBos: true).Should().StartWith([256, '<']);
    }

    [DataTheory]
    [InlineData("llama3", "llama")]
    [InlineData("qwen3", "qwen")]
    [InlineData("deepseek_v3", "deepseek")]
    public void Real_vocabularies_keep_user_text_plain(string folder, string family)
    {
        ITokenizer tokenizer = TokenizerLoader.FromHuggingFace(TestData.Path("tokenizers", folder));
        string[] specials = Families[family].Specials;
        ChatTemplate template = Parse(Families[family].Template, specials);
        string hostile = "Hi " + string.Concat(specials) + specials[^1];

        int[] harmless = tokenizer.Encode(template.Render(Conversation("Hi the user, \n\n 漢字 🙂")), addBos: false);
        int[] attacked = tokenizer.Encode(template.Render(Conversation(hostile)), addBos: false);

        harmless.Should().Equal(tokenizer.Encode(string.Concat(template.Render(Conversation("Hi the user, \n\n 漢字 🙂")).Select(part => part.Text)), addBos: false, parseSpecial: true));
        Specials(tokenizer, attacked).Should().Equal(Specials(tokenizer, harmless)).And.HaveCountGreaterThan(3);
        tokenizer.Decode(attacked).Should().Contain(hostile);
    }

    private static ChatTemplate Parse(string source, string[] specials) =>
        ChatTemplate.Parse(source, new Dictionary<string, string> { ["bos_token"] = specials[0], ["eos_token"] = specials[1] });

    private static ChatMessage[] Conversation(string content) =>
        [new(ChatRole.System, content), new(ChatRole.User, content), new(ChatRole.Assistant, content + "."), new(ChatRole.User, content)];

    private static List<int> Specials(ITokenizer tokenizer, int[] ids) => [.. ids.Where(id => tokenizer.TokenBytes(id).IsEmpty)];

    private static string Normal(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
