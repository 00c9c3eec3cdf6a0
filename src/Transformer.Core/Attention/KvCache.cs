using System.Runtime.InteropServices;
using Transformer.Core.Numerics;

namespace Transformer.Core.Attention;

/// <summary>
/// The keys and values of one sequence in one layer, [tokens, kv heads x head dim] each, as floats. Memory lies
/// outside the managed heap and doubles as the sequence grows, up to its capacity.
/// </summary>
public sealed unsafe class KvCache : ISequenceState
{
    private const int FirstAllocation = 64;
    private const uint Signature = 0x31564B54; // "TKV1"

    private readonly int _capacity;
    private readonly int _width;
    private float* _keys;
    private float* _values;
    private int _allocated;
    private bool _disposed;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Most tokens it may hold.</param>
    /// <param name="width">Features of a token's keys, and of its values: kv heads x head dim.</param>
    public KvCache(int capacity, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        _capacity = capacity;
        _width = width;
    }

    /// <inheritdoc/>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public long SizeInBytes => 2L * _allocated * _width * sizeof(float);

    /// <summary>Adds the keys and values of new tokens, [n, width] each.</summary>
    /// <exception cref="ContextLengthExceededException">They do not fit the capacity.</exception>
    public void Append(MatrixSpan keys, MatrixSpan values)
    {
        if (keys.Columns != _width || values.Columns != _width || keys.Rows != values.Rows)
            throw new ArgumentException($"Expected keys and values [n, {_width}], found [{keys.Rows}, {keys.Columns}] and [{values.Rows}, {values.Columns}].");
        Reserve(Length + keys.Rows);
        for (int row = 0; row < keys.Rows; row++)
        {
            nint offset = (nint)(Length + row) * _width;
            keys[row].CopyTo(new Span<float>(_keys + offset, _width));
            values[row].CopyTo(new Span<float>(_values + offset, _width));
        }
        Length += keys.Rows;
    }

    /// <summary>The keys of some tokens: [count, columns], to be read only.</summary>
    /// <param name="first">First token.</param>
    /// <param name="count">Number of tokens.</param>
    /// <param name="column">First feature: kv head x head dim.</param>
    /// <param name="columns">Number of features.</param>
    public MatrixSpan Keys(int first, int count, int column, int columns) => Slice(_keys, first, count, column, columns);

    /// <summary>The values of some tokens: [count, columns], to be read only.</summary>
    /// <inheritdoc cref="Keys" path="/param"/>
    public MatrixSpan Values(int first, int count, int column, int columns) => Slice(_values, first, count, column, columns);

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        KvCache copy = new(_capacity, _width);
        copy.Reserve(Length);
        NativeMemory.Copy(_keys, copy._keys, Bytes(Length));
        NativeMemory.Copy(_values, copy._values, Bytes(Length));
        copy.Length = Length;
        return copy;
    }

    /// <inheritdoc/>
    public void Save(Stream stream)
    {
        ReadOnlySpan<int> header = [(int)Signature, _width, Length];
        stream.Write(MemoryMarshal.AsBytes(header));
        for (int token = 0; token < Length; token++)
            stream.Write(Row(_keys, token));
        for (int token = 0; token < Length; token++)
            stream.Write(Row(_values, token));
    }

    /// <inheritdoc/>
    public void Load(Stream stream)
    {
        Span<int> header = stackalloc int[3];
        try
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(header));
            if ((uint)header[0] != Signature || header[1] != _width || header[2] < 0 || header[2] > _capacity)
                throw new InvalidDataException($"Expected a key-value cache of width {_width} and at most {_capacity} tokens, found signature {header[0]:x8}, width {header[1]}, {header[2]} tokens.");
            Length = 0;
            Reserve(header[2]);
            for (int token = 0; token < header[2]; token++)
                stream.ReadExactly(Row(_keys, token));
            for (int token = 0; token < header[2]; token++)
                stream.ReadExactly(Row(_values, token));
            Length = header[2];
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException("The stream ends inside a key-value cache.", exception);
        }
    }

    /// <summary>Hands the memory back.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Hands the memory back.</summary>
    ~KvCache() => Free();

    private nuint Bytes(int tokens) => (nuint)tokens * (nuint)_width * sizeof(float);

    // A cache may pass 2 GiB, so it is handled token by token.
    private Span<byte> Row(float* start, int token) => new(start + ((nint)token * _width), _width * sizeof(float));

    private MatrixSpan Slice(float* start, int first, int count, int column, int columns)
    {
        if (first < 0 || count < 0 || first > Length - count || column < 0 || columns < 0 || column > _width - columns)
            throw new ArgumentOutOfRangeException(nameof(first), $"Tokens {first} to {first + count} of {Length}, features {column} to {column + columns} of {_width}.");
        if (count == 0)
            return new MatrixSpan(default, 0, columns, _width);
        int length = checked(((count - 1) * _width) + columns);
        return new MatrixSpan(new Span<float>(start + ((nint)first * _width) + column, length), count, columns, _width);
    }

    private void Reserve(int tokens)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (tokens > _capacity)
            throw new ContextLengthExceededException(_capacity, tokens);
        if (tokens <= _allocated)
            return;
        int size = (int)Math.Min(_capacity, Math.Max(Math.Max(tokens, FirstAllocation), 2L * _allocated));
        nuint bytes = Bytes(size);
        _keys = (float*)NativeMemory.AlignedRealloc(_keys, bytes, 64);
        _values = (float*)NativeMemory.AlignedRealloc(_values, bytes, 64);
        _allocated = size;
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_keys);
        NativeMemory.AlignedFree(_values);
        _keys = _values = null;
        _allocated = 0;
        Length = 0;
        _disposed = true;
    }
}
