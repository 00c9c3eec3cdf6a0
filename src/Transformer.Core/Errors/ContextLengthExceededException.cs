namespace Transformer.Core;

/// <summary>More tokens were given to a session than its context holds.</summary>
public sealed class ContextLengthExceededException : TransformerException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="capacity">Tokens the session can hold.</param>
    /// <param name="requested">Tokens it would have had to hold.</param>
    public ContextLengthExceededException(int capacity, int requested)
        : base($"The context holds {capacity} tokens, {requested} were needed. Give fewer tokens, or more context (at most the model's ContextLength).")
    {
        Capacity = capacity;
        Requested = requested;
    }

    /// <summary>Tokens the session can hold.</summary>
    public int Capacity { get; }

    /// <summary>Tokens it would have had to hold.</summary>
    public int Requested { get; }
}
