namespace Transformer.Core;

/// <summary>
/// What one layer remembers of one sequence, such as its keys and values. Belongs to one session; not thread-safe.
/// </summary>
public interface ISequenceState : IDisposable
{
    /// <summary>Tokens remembered.</summary>
    int Length { get; }

    /// <summary>Bytes held.</summary>
    long SizeInBytes { get; }

    /// <summary>Forgets the tokens from <paramref name="length"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More tokens than are remembered, or fewer than 0.</exception>
    /// <exception cref="NotSupportedException">The state cannot go back that far (a recurrent state, a window).</exception>
    void Truncate(int length);

    /// <summary>Whether <see cref="Truncate"/> can go back to <paramref name="length"/> tokens. Always possible: 0, the present length, and the length settled last.</summary>
    bool CanTruncate(int length) => length >= 0 && length <= Length;

    /// <summary>
    /// Tells, at the beginning of every call of a session, that a failed call will go back to <paramref name="length"/> and
    /// no further. A state that keeps a part of the sequence may forget what only shorter lengths need.
    /// </summary>
    void Settle(int length)
    {
    }

    /// <summary>An independent copy.</summary>
    ISequenceState Fork();

    /// <summary>Writes the state, little-endian.</summary>
    void Save(Stream stream);

    /// <summary>Replaces the state by one that was saved from the same kind of layer.</summary>
    /// <exception cref="InvalidDataException">The stream holds something else, or ends early.</exception>
    void Load(Stream stream);
}
