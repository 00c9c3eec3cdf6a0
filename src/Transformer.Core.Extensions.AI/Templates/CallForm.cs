using Transformer.Core.Extensions.AI.Jinja;

namespace Transformer.Core.Extensions.AI;

/// <summary>In which form a template wants the tool calls of earlier turns, for templates differ.</summary>
/// <param name="ArgumentsAreText">Whether arguments are a text of JSON (DeepSeek V3), not a dictionary.</param>
/// <param name="ContentIsNone">Whether the content beside calls must be none (DeepSeek R1), not an empty text.</param>
/// <param name="IdsHaveNineCharacters">Whether ids are nine letters and digits (Mistral).</param>
internal sealed record CallForm(bool ArgumentsAreText, bool ContentIsNone, bool IdsHaveNineCharacters)
{
    private const string Value = "probe7value";

    /// <summary>Finds the form by trying: in the right one the arguments are to be seen in the output.</summary>
    public static CallForm Find(string source, Func<IReadOnlyDictionary<string, object?>, MarkedText> run)
    {
        bool nine = source.Contains("length != 9", StringComparison.Ordinal) || source.Contains("length == 9", StringComparison.Ordinal);
        foreach (bool isText in new[] { false, true })
        {
            foreach (bool isNone in new[] { false, true })
            {
                CallForm form = new(isText, isNone, nine);
                try
                {
                    if (run(Probe(form)).Text.Contains(Value, StringComparison.Ordinal))
                        return form;
                }
                catch (ChatTemplateException)
                {
                    // then another form
                }
            }
        }
        return new CallForm(false, false, nine);
    }

    /// <summary>An id as the template wants it; the same for the same id.</summary>
    public string Id(string id)
    {
        if (!IdsHaveNineCharacters || (id.Length == 9 && id.All(char.IsAsciiLetterOrDigit)))
            return id;
        // FNV-1a
        ulong hash = id.Aggregate(14695981039346656037UL, (sum, c) => (sum ^ c) * 1099511628211UL);
        return CallIds.Spell(hash);
    }

    private static Dictionary<string, object?> Probe(CallForm form)
    {
        JinjaMap arguments = new() { ["key"] = MarkedText.Data(Value) };
        JinjaMap function = new()
        {
            ["name"] = MarkedText.Data("f"),
            ["arguments"] = form.ArgumentsAreText ? MarkedText.Data($$"""{"key": "{{Value}}"}""") : arguments,
        };
        JinjaMap call = new() { ["id"] = MarkedText.Data("abcdef123"), ["type"] = MarkedText.Data("function"), ["function"] = function };
        JinjaMap user = new() { ["role"] = MarkedText.Data("user"), ["content"] = MarkedText.Data("x") };
        JinjaMap assistant = new()
        {
            ["role"] = MarkedText.Data("assistant"),
            ["content"] = form.ContentIsNone ? null : MarkedText.Empty,
            ["tool_calls"] = new JinjaList([call]),
        };
        JinjaMap result = new()
        {
            ["role"] = MarkedText.Data("tool"),
            ["name"] = MarkedText.Data("f"),
            ["tool_call_id"] = MarkedText.Data("abcdef123"),
            ["content"] = MarkedText.Data("y"),
        };
        return new Dictionary<string, object?> { ["messages"] = new JinjaList([user, assistant, result]), ["tools"] = null, ["add_generation_prompt"] = true };
    }
}
