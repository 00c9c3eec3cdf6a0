namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary><c>{% macro name(parameters) %}...{% endmacro %}</c>: a function that returns the text of its body.</summary>
internal sealed class MacroStatement(int line, string name, IReadOnlyList<(string Name, Expression? Default)> parameters, IReadOnlyList<Statement> body) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        scope[name] = Define(scope);
        return Flow.Next;
    }

    /// <summary>The function, which sees the names around its definition.</summary>
    public JinjaFunction Define(Scope scope) => new(name, given => Call(scope, given));

    private MarkedText Call(Scope around, CallArguments given)
    {
        Execution run = around.Run;
        run.Enter();
        Scope scope = around.Inner();
        HashSet<string> known = ["caller"];
        for (int i = 0; i < parameters.Count; i++)
        {
            (string parameter, Expression? fallback) = parameters[i];
            known.Add(parameter);
            scope[parameter] = given.TryGet(i, parameter, out object? value) ? value
                : fallback is not null ? fallback.Evaluate(scope)
                : new Undefined(parameter);
        }
        JinjaMap rest = new();
        foreach ((string extra, object? value) in given.Named.Where(pair => !known.Contains(pair.Key)))
            rest.Set(MarkedText.Data(extra), value);
        scope["kwargs"] = rest;
        scope["varargs"] = new JinjaList([.. given.Positional.Skip(parameters.Count)], isTuple: true);
        scope["caller"] = given.Named.GetValueOrDefault("caller", new Undefined("caller"));
        int line = run.Line;
        MarkedText text = run.Capture(() => ExecuteAll(body, scope));
        run.Line = line;
        run.Leave();
        return text;
    }
}

/// <summary><c>{% call macro(...) %}...{% endcall %}</c>: the macro finds the body in <c>caller()</c>.</summary>
internal sealed class CallStatement(int line, CallExpression call, MacroStatement body) : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        CallArguments given = call.Arguments.Evaluate(scope);
        Dictionary<string, object?> named = new(given.Named, StringComparer.Ordinal) { ["caller"] = body.Define(scope) };
        scope.Run.Output.Append(PythonText.Str(scope.Run, call.Call(scope, new CallArguments(given.Positional, named))));
        return Flow.Next;
    }
}
