namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>A parsed template. Immutable and thread-safe.</summary>
internal sealed class JinjaTemplate
{
    private readonly IReadOnlyList<Statement> _body;
    private readonly ChatTemplateLimits _limits;

    private JinjaTemplate(IReadOnlyList<Statement> body, ChatTemplateLimits limits)
    {
        _body = body;
        _limits = limits;
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="ChatTemplateException">It is wrong, or over a limit; the message says where.</exception>
    public static JinjaTemplate Parse(string template, ChatTemplateLimits? limits = null)
    {
        limits ??= ChatTemplateLimits.Default;
        limits.Validate();
        return new JinjaTemplate(StatementParser.Parse(template, limits), limits);
    }

    /// <summary>Runs the template.</summary>
    /// <param name="variables">What the template may read.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <exception cref="ChatTemplateException">It cannot be run on these variables, refuses them, or goes over a limit.</exception>
    public MarkedText Render(IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider? time = null)
    {
        Execution run = new(_limits, time ?? TimeProvider.System);
        Scope scope = Globals.Create(run);
        foreach ((string name, object? value) in variables)
            scope[name] = value;
        // set at the top of a template hides a variable, but does not change it
        Statement.ExecuteAll(_body, scope.Inner());
        return run.Output.ToText();
    }
}
