namespace Transformer.Core;

/// <summary>A token id is negative or not below the vocabulary size.</summary>
public sealed class TokenOutOfRangeException : TransformerException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="tokenId">The id found.</param>
    /// <param name="index">Its place in the sequence given.</param>
    /// <param name="vocabSize">The number of ids there are.</param>
    public TokenOutOfRangeException(int tokenId, int index, int vocabSize)
        : base($"Token id {tokenId} at index {index} is out of range: expected 0 to {vocabSize - 1}.")
    {
        TokenId = tokenId;
        Index = index;
        VocabSize = vocabSize;
    }

    /// <summary>The id found.</summary>
    public int TokenId { get; }

    /// <summary>Its place in the sequence given.</summary>
    public int Index { get; }

    /// <summary>The number of ids there are.</summary>
    public int VocabSize { get; }
}
