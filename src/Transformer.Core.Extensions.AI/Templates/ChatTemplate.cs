using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Jinja;

namespace Transformer.Core.Extensions.AI;

/// <summary>
/// Writes a conversation in the form a model was trained on, by the Jinja template that came with it. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>
/// The template runs in a sandbox: no files, no reflection, and within <see cref="ChatTemplateLimits"/>. White space and
/// filters are those of Hugging Face's <c>apply_chat_template</c>. The result says of every character whether the
/// template's author wrote it: text of messages and tools can never become a special token
/// (<see cref="ITokenizer.Encode(IReadOnlyList{TextPart}, bool?)"/>).
/// </remarks>
public sealed class ChatTemplate
{
    /// <summary>The key of the template in <see cref="TransformerModel.Metadata"/>.</summary>
    public const string MetadataKey = "tokenizer.chat_template";

    private const string ChatMlSource =
        "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private const string PlainSource =
        "{% for message in messages %}{{ message.role | capitalize + ': ' + message.content | trim + '\\n' }}{% endfor %}"
        + "{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

    private readonly JinjaTemplate _template;
    private readonly ChatTemplate? _forTools;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly TimeProvider _time;
    private readonly Lazy<CallForm> _calls;

    private ChatTemplate(string source, ChatTemplate? forTools, IReadOnlyDictionary<string, string> tokens, ChatTemplateLimits? limits, TimeProvider? time)
    {
        Source = source;
        _template = JinjaTemplate.Parse(source, limits);
        _forTools = forTools;
        _tokens = tokens;
        _time = time ?? TimeProvider.System;
        _calls = new Lazy<CallForm>(() => CallForm.Find(source, Run));
        BeginsText = source.Contains("bos_token", StringComparison.Ordinal);
    }

    // the same template with further special tokens
    private ChatTemplate(ChatTemplate other, IReadOnlyDictionary<string, string> tokens)
    {
        Source = other.Source;
        BeginsText = other.BeginsText;
        _template = other._template;
        _forTools = other._forTools is { } forTools ? new ChatTemplate(forTools, tokens) : null;
        _tokens = tokens;
        _time = other._time;
        _calls = new Lazy<CallForm>(() => CallForm.Find(Source, Run));
    }

    /// <summary>ChatML, which many models understand: <c>&lt;|im_start|&gt;role ... &lt;|im_end|&gt;</c>. Without tools.</summary>
    public static ChatTemplate ChatMl { get; } = Parse(ChatMlSource);

    /// <summary>Lines of <c>User:</c> and <c>Assistant:</c>, for models that were never trained to chat. Without tools.</summary>
    public static ChatTemplate Plain { get; } = Parse(PlainSource);

    /// <summary>The template's text.</summary>
    public string Source { get; }

    /// <summary>How models with this template write tool calls.</summary>
    public ToolCallFormat ToolCallFormat => ToolCallFormats.Find((_forTools ?? this).Source);

    /// <summary>Whether the template shows tools to the model.</summary>
    public bool HasTools => (_forTools ?? this).Source.Contains("tools", StringComparison.Ordinal);

    /// <summary>Whether the template came out of the model's file, or prints the beginning token by itself.</summary>
    internal bool BeginsText { get; private init; }

    /// <summary>Whether the template speaks of a text between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c>.</summary>
    internal bool HasThinking => Source.Contains("<think>", StringComparison.Ordinal) || Source.Contains("</think>", StringComparison.Ordinal);

    /// <summary>Parses a template.</summary>
    /// <param name="template">Jinja, as in <c>tokenizer_config.json</c> or <c>chat_template.jinja</c>.</param>
    /// <param name="specialTokens">Variables such as <c>bos_token</c> and <c>eos_token</c>, which may spell special tokens.</param>
    /// <param name="limits">What it may use up; null: <see cref="ChatTemplateLimits.Default"/>.</param>
    /// <param name="time">The clock of <c>strftime_now</c>; null: the system's.</param>
    /// <exception cref="ChatTemplateException">The template is wrong, or over a limit.</exception>
    public static ChatTemplate Parse(string template, IReadOnlyDictionary<string, string>? specialTokens = null, ChatTemplateLimits? limits = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new ChatTemplate(template, null, specialTokens ?? new Dictionary<string, string>(), limits, time);
    }

    /// <summary>
    /// The template of a model's file, with its special tokens. Where the file has another template for tools
    /// (<c>tool_use</c>), that one is used when there are tools.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="limits">What it may use up; null: <see cref="ChatTemplateLimits.Default"/>.</param>
    /// <param name="time">The clock of <c>strftime_now</c>; null: the system's.</param>
    /// <exception cref="ChatTemplateException">The model has no template, or a wrong one; the message says what to do.</exception>
    public static ChatTemplate FromModel(TransformerModel model, ChatTemplateLimits? limits = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Metadata?.OptionalText(MetadataKey) is not { Length: > 0 } source)
        {
            throw new ChatTemplateException(
                $"{model.Description.Name} has none (key {MetadataKey}): it was not trained to chat, or its file lost it. "
                + "Give one: ChatTemplate.Parse(text), ChatTemplate.ChatMl, or ChatTemplate.Plain for a model that only completes text.");
        }
        Dictionary<string, string> tokens = SpecialTokens.Of(model);
        ChatTemplate? forTools = model.Metadata.OptionalText(MetadataKey + ".tool_use") is { Length: > 0 } other ? new ChatTemplate(other, null, tokens, limits, time) : null;
        return new ChatTemplate(source, forTools, tokens, limits, time) { BeginsText = true };
    }

    /// <summary>This template for a model: special tokens that it was not given are the model's.</summary>
    internal ChatTemplate For(TransformerModel model)
    {
        Dictionary<string, string> tokens = SpecialTokens.Of(model);
        foreach ((string name, string token) in _tokens)
            tokens[name] = token;
        return new ChatTemplate(this, tokens);
    }

    /// <summary>Writes a conversation.</summary>
    /// <param name="messages">The messages: at least one. Roles are system, developer, user, assistant and tool.</param>
    /// <param name="tools">Functions that the model may call (<see cref="AIFunctionDeclaration"/>).</param>
    /// <param name="addGenerationPrompt">Whether the beginning of the assistant's answer comes last.</param>
    /// <param name="variables">More variables of the template, such as <c>enable_thinking</c>: JSON, strings, numbers, booleans, lists, dictionaries.</param>
    /// <returns>The text in parts; text of messages, tools and variables is marked as not the template's.</returns>
    /// <exception cref="ArgumentException">There are no messages, a role is unknown, or a variable is of another type.</exception>
    /// <exception cref="NotSupportedException">A message has content that is neither text nor a call nor its result, a tool is no function, or the template has no tools; the message names it.</exception>
    /// <exception cref="ChatTemplateException">The template does not accept these messages, fails on them, or goes over a limit.</exception>
    public IReadOnlyList<TextPart> Render(
        IEnumerable<ChatMessage> messages, IEnumerable<AITool>? tools = null, bool addGenerationPrompt = true, IReadOnlyDictionary<string, object?>? variables = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        List<object?> functions = [.. (tools ?? []).Select(MessageMapping.Tool)];
        if (functions.Count > 0 && _forTools is not null)
            return _forTools.Render(messages, tools, addGenerationPrompt, variables);
        if (functions.Count > 0 && !HasTools)
            throw new NotSupportedException("Tools: this model's chat template does not show tools to the model.");

        MessageMapping mapping = new(() => _calls.Value);
        Dictionary<string, object?> all = new(StringComparer.Ordinal)
        {
            ["messages"] = mapping.Messages(messages),
            ["tools"] = functions.Count > 0 ? new JinjaList(functions) : null,
            ["add_generation_prompt"] = addGenerationPrompt,
        };
        foreach ((string name, object? value) in variables ?? new Dictionary<string, object?>())
        {
            if (all.ContainsKey(name))
                throw new ArgumentException($"variables: '{name}' is set by the conversation itself.", nameof(variables));
            all[name] = JsonValues.Of(value, name);
        }
        return Run(all).Parts;
    }

    private MarkedText Run(IReadOnlyDictionary<string, object?> variables)
    {
        IEnumerable<KeyValuePair<string, object?>> tokens = _tokens.Select(token => KeyValuePair.Create(token.Key, (object?)MarkedText.Template(token.Value)));
        return _template.Render(tokens.Concat(variables), _time);
    }
}
