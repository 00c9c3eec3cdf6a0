using System.Runtime.InteropServices;

namespace Transformer.Core;

/// <summary>A session as bytes, little-endian: signature, layers, vocabulary and length; tokens; logits; each layer's state.</summary>
internal static class SessionStream
{
    private const uint Signature = 0x31534354; // "TCS1"

    /// <summary>Writes a session.</summary>
    public static void Save(Stream stream, ReadOnlySpan<int> tokens, ReadOnlySpan<float> logits, ISequenceState?[] states)
    {
        ReadOnlySpan<int> header = [(int)Signature, states.Length, logits.Length, tokens.Length];
        stream.Write(MemoryMarshal.AsBytes(header));
        stream.Write(MemoryMarshal.AsBytes(tokens));
        stream.Write(MemoryMarshal.AsBytes(logits));
        foreach (ISequenceState? state in states)
            state?.Save(stream);
    }

    /// <summary>Reads one into buffers of the session's sizes.</summary>
    /// <returns>Its length.</returns>
    /// <exception cref="InvalidDataException">The stream holds something else.</exception>
    /// <exception cref="EndOfStreamException">It ends early.</exception>
    public static int Load(Stream stream, Span<int> tokens, Span<float> logits, ISequenceState?[] states)
    {
        Span<int> header = stackalloc int[4];
        stream.ReadExactly(MemoryMarshal.AsBytes(header));
        int length = header[3];
        if ((uint)header[0] != Signature || header[1] != states.Length || header[2] != logits.Length || length < 0 || length > tokens.Length)
            throw new InvalidDataException($"Expected a session of {states.Length} layers, {logits.Length} ids and at most {tokens.Length} tokens, found signature {header[0]:x8}, {header[1]} layers, {header[2]} ids, {length} tokens.");
        stream.ReadExactly(MemoryMarshal.AsBytes(tokens[..length]));
        foreach (int token in tokens[..length])
            if ((uint)token >= (uint)logits.Length)
                throw new InvalidDataException($"Expected token ids from 0 to {logits.Length - 1}, found {token}.");
        stream.ReadExactly(MemoryMarshal.AsBytes(logits));
        foreach (ISequenceState? state in states)
            state?.Load(stream);
        if (states.Any(state => state is not null && state.Length != length))
            throw new InvalidDataException($"Expected states of {length} tokens in every layer.");
        return length;
    }
}
