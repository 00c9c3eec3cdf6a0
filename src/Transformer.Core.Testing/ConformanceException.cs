namespace Transformer.Core.Testing;

/// <summary>A component breaks a rule. The message says which, at which row and value, and what that usually means.</summary>
public sealed class ConformanceException : Exception
{
    internal ConformanceException(string component, ConformanceRules rule, string found, string usually, Exception? inner = null)
        : base($"{component} breaks {rule}: {found} Usually: {usually}", inner)
    {
        Component = component;
        Rule = rule;
    }

    /// <summary>The component's type.</summary>
    public string Component { get; }

    /// <summary>The rule that it breaks.</summary>
    public ConformanceRules Rule { get; }
}
