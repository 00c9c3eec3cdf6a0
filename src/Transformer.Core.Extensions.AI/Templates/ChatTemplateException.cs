namespace Transformer.Core.Extensions.AI;

/// <summary>A chat template is wrong, cannot be run on these messages, or refuses them by <c>raise_exception</c>.</summary>
public class ChatTemplateException : TransformerException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="problem">What is wrong.</param>
    /// <param name="line">The line of the template, from 1; 0 where no line is to blame.</param>
    /// <param name="raisedByTemplate">Whether the template itself raised it.</param>
    public ChatTemplateException(string problem, int line = 0, bool raisedByTemplate = false)
        : base(line > 0 ? $"Chat template, line {line}: {problem}" : $"Chat template: {problem}")
    {
        Line = line;
        RaisedByTemplate = raisedByTemplate;
    }

    /// <summary>The line of the template, from 1; 0 where no line is to blame.</summary>
    public int Line { get; }

    /// <summary>Whether the template called <c>raise_exception</c>: it is sound, but does not accept these messages.</summary>
    public bool RaisedByTemplate { get; }
}
