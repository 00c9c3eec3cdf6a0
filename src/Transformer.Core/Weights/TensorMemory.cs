using System.Runtime.InteropServices;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights;

/// <summary>
/// The bytes of one tensor, wherever they are: a mapped file or memory of our own. May be larger than 2 GiB,
/// so it is read in slices. Keeps its owner alive; immutable.
/// </summary>
public sealed unsafe class TensorMemory
{
    private readonly byte* _start;
    private readonly object? _owner;
    private readonly MappedFile? _file;
    private readonly long _fileOffset;

    /// <summary>A view of memory that <paramref name="owner"/> keeps valid for as long as it is referenced.</summary>
    public TensorMemory(byte* start, long length, object? owner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _start = start;
        Length = length;
        _owner = owner;
    }

    internal TensorMemory(byte* start, long length, MappedFile file, long fileOffset, object owner)
        : this(start, length, owner)
    {
        _file = file;
        _fileOffset = fileOffset;
    }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>Zeroed memory outside the managed heap, freed when nothing refers to it any more.</summary>
    public static TensorMemory Allocate(long length, out Span<byte> first)
    {
        NativeBlock block = new(length);
        NativeMemory.Clear(block.Start, (nuint)length);
        first = new Span<byte>(block.Start, (int)Math.Min(length, int.MaxValue));
        return new TensorMemory(block.Start, length, block);
    }

    /// <summary>Memory that the caller writes in full, as a view and by its address.</summary>
    internal static TensorMemory AllocateUnfilled(long length, out byte* start)
    {
        NativeBlock block = new(length);
        start = block.Start;
        return new TensorMemory(start, length, block);
    }

    /// <summary>Fills new memory row by row: <paramref name="fill"/> gets the row's number and its bytes.</summary>
    public static TensorMemory FromRows(long rows, int rowBytes, RowFiller fill)
    {
        NativeBlock block = new(rows * rowBytes);
        for (long row = 0; row < rows; row++)
            fill(row, new Span<byte>(block.Start + (row * rowBytes), rowBytes));
        return new TensorMemory(block.Start, rows * rowBytes, block);
    }

    /// <summary>A copy of floats in <paramref name="format"/>.</summary>
    public static TensorMemory FromValues(ReadOnlySpan<float> values, WeightFormat format)
    {
        TensorMemory memory = Allocate(format.BytesFor(values.Length), out Span<byte> bytes);
        format.Encode(values, bytes);
        return memory;
    }

    /// <summary>
    /// Copies bytes out, of a file by reading it: the pages of a mapping that are touched once would count as memory of
    /// this process beside the copy.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    internal void Read(long offset, Span<byte> bytes)
    {
        ReadOnlySpan<byte> source = Slice(offset, bytes.Length);
        if (_file is not null)
            _file.ReadThrough(_fileOffset + offset, bytes);
        else
            source.CopyTo(bytes);
        GC.KeepAlive(this);
    }

    /// <summary>Some of the bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the tensor.</exception>
    public ReadOnlySpan<byte> Slice(long offset, int length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} of a tensor of {Length} bytes.");
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>A part of this memory as memory of its own.</summary>
    public TensorMemory Part(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} of a tensor of {Length} bytes.");
        return _file is null
            ? new TensorMemory(_start + offset, length, _owner ?? this)
            : new TensorMemory(_start + offset, length, _file, _fileOffset + offset, _owner!);
    }

    private sealed class NativeBlock
    {
        private readonly long _length;

        public NativeBlock(long length)
        {
            _length = Math.Max(length, 1);
            Start = (byte*)NativeMemory.AlignedAlloc((nuint)_length, 64);
            GC.AddMemoryPressure(_length);
        }

        ~NativeBlock()
        {
            NativeMemory.AlignedFree(Start);
            GC.RemoveMemoryPressure(_length);
        }

        public byte* Start { get; }
    }
}

/// <summary>Writes the bytes of one row.</summary>
public delegate void RowFiller(long row, Span<byte> bytes);
