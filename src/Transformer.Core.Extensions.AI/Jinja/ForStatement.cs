namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary><c>{% for target in items if condition %}...{% else %}...{% endfor %}</c>.</summary>
internal sealed class ForStatement(int line, Expression target, Expression items, Expression? condition, IReadOnlyList<Statement> body, IReadOnlyList<Statement> otherwise)
    : Statement(line)
{
    protected override Flow Perform(Scope scope)
    {
        List<object?> chosen = [];
        foreach (object? item in Operations.Iterate(scope.Run, items.Evaluate(scope)))
        {
            if (condition is not null)
            {
                Scope trial = scope.Inner();
                Assignment.Assign(trial, target, item);
                if (!Operations.IsTrue(condition.Evaluate(trial)))
                    continue;
            }
            chosen.Add(item);
        }
        if (chosen.Count == 0)
            return ExecuteAll(otherwise, scope.Inner());

        object? outer = scope["loop"];
        LoopState loop = new(scope.Run, chosen, outer is LoopState around ? around.Depth + 1 : 1);
        for (int i = 0; i < chosen.Count; i++)
        {
            Scope inner = scope.Inner();
            loop.Index = i;
            inner["loop"] = loop;
            Assignment.Assign(inner, target, chosen[i]);
            if (ExecuteAll(body, inner) == Flow.Break)
                break;
        }
        return Flow.Next;
    }
}

/// <summary>What <c>loop</c> knows.</summary>
internal sealed class LoopState(Execution run, List<object?> items, int depth)
{
    private object?[]? _changed;

    public int Index { get; set; }

    public int Depth { get; } = depth;

    public object? Attribute(string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(items.Count - Index),
        "revindex0" => items.Count - Index - 1L,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => (long)Depth,
        "depth0" => Depth - 1L,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("loop.previtem"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("loop.nextitem"),
        "cycle" => new JinjaFunction("cycle", given => given.Positional.Count > 0 ? given.Positional[Index % given.Positional.Count] : throw run.Error("cycle() needs values.")),
        "changed" => new JinjaFunction("changed", Changed),
        _ => new Undefined("loop." + name),
    };

    private object? Changed(CallArguments given)
    {
        object?[] values = [.. given.Positional];
        bool same = _changed is not null && Operations.AreEqual(run, new JinjaList([.. _changed]), new JinjaList([.. values]));
        _changed = values;
        return !same;
    }
}
