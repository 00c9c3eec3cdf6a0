namespace Transformer.Core;

/// <summary>Base of every exception this library throws for input it cannot accept.</summary>
/// <remarks>Catch this type to tell bad input (a file, an option, a token) from a defect.</remarks>
public class TransformerException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TransformerException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
