namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>One run of a template: its output, what it has used up, its clock.</summary>
internal sealed class Execution
{
    private readonly ChatTemplateLimits _limits;
    private long _steps;
    private int _depth;

    public Execution(ChatTemplateLimits limits, TimeProvider time, CancellationToken cancellationToken = default)
    {
        _limits = limits;
        Time = time;
        Cancellation = cancellationToken;
        Output = NewText();
    }

    /// <summary>The clock of <c>strftime_now</c>.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where text goes; a macro or a block set puts its own here for a while.</summary>
    public MarkedTextBuilder Output { get; private set; }

    /// <summary>The line that is running.</summary>
    public int Line { get; set; }

    private CancellationToken Cancellation { get; }

    /// <summary>An error of the template's at the line that is running.</summary>
    public ChatTemplateException Error(string problem) => new(problem, Line);

    /// <summary>Counts work.</summary>
    /// <exception cref="ChatTemplateLimitException">It was too much.</exception>
    public void Charge(long steps)
    {
        long before = _steps;
        _steps += Math.Max(steps, 0);
        if (_steps > _limits.MaxSteps)
            throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxSteps), _limits.MaxSteps, Line);
        if (before >> 12 != _steps >> 12)
            Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Counts a text that is about to be made.</summary>
    public void ChargeText(long length)
    {
        if (length > _limits.MaxOutputLength)
            throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxOutputLength), _limits.MaxOutputLength, Line);
        Charge(length >> 6);
    }

    /// <summary>A builder that keeps to the limits.</summary>
    public MarkedTextBuilder NewText()
    {
        long charged = 0;
        return new MarkedTextBuilder(length =>
        {
            if (length > _limits.MaxOutputLength)
                throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxOutputLength), _limits.MaxOutputLength, Line);
            Charge((length - charged) >> 6);
            charged = length & ~63L;
        });
    }

    /// <summary>Goes one level down; each call costs a step and is paired with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        Charge(1);
        CheckDepth(0);
        _depth++;
    }

    /// <summary>Comes back up.</summary>
    public void Leave() => _depth--;

    /// <summary>Checks how deep the run would be inside of a value's own levels.</summary>
    public void CheckDepth(int levels)
    {
        if (_depth + levels >= _limits.MaxDepth)
            throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxDepth), _limits.MaxDepth, Line);
    }

    /// <summary>Runs something and returns what it printed.</summary>
    public MarkedText Capture(Action body)
    {
        MarkedTextBuilder outer = Output;
        Output = NewText();
        try
        {
            body();
            return Output.ToText();
        }
        finally
        {
            Output = outer;
        }
    }
}
