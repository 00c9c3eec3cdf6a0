using System.Runtime.InteropServices;

namespace Transformer.Core.Numerics;

/// <summary>
/// Scratch memory of one forward pass: a stack of 64-byte aligned blocks outside the managed heap.
/// It grows to the largest pass seen and then serves every later one without allocating.
/// Not thread-safe: each session has its own.
/// </summary>
/// <remarks>What a span holds when it is handed out is undefined.</remarks>
public sealed unsafe class Workspace : IDisposable
{
    private const int Alignment = 64;

    private readonly List<Block> _outgrown = [];
    private Block _block;
    private nuint _used;

    /// <summary>Bytes held from the operating system.</summary>
    public long SizeInBytes => (long)(_block.Size + OutgrownSize());

    /// <summary>Takes <paramref name="count"/> floats until the enclosing <see cref="Scope"/> ends.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public Span<float> Floats(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Span<float>(Take((nuint)count * sizeof(float)), count);
    }

    /// <summary>Takes <paramref name="count"/> bytes until the enclosing <see cref="Scope"/> ends.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public Span<byte> Bytes(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Span<byte>(Take((nuint)count), count);
    }

    /// <summary>Takes <paramref name="count"/> integers until the enclosing <see cref="Scope"/> ends.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    internal Span<int> Integers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new Span<int>(Take((nuint)count * sizeof(int)), count);
    }

    /// <summary>Takes a dense matrix [rows, columns] until the enclosing <see cref="Scope"/> ends.</summary>
    public MatrixSpan Matrix(int rows, int columns) => new(Floats(checked(rows * columns)), rows, columns);

    /// <summary>Everything taken after this call is handed back when the result is disposed.</summary>
    public WorkspaceScope Scope() => new(this, _used);

    internal void Release(nuint mark)
    {
        // A mark may lie in a block that has been outgrown since. Its rest is given up until the pass ends:
        // the newest block, free again from its beginning, serves what comes next.
        nuint outgrown = OutgrownSize();
        _used = Math.Max(mark, outgrown);
        if (mark != 0 || outgrown == 0)
            return;

        // The pass did not fit one block: the next one gets a block as large as all of them.
        nuint total = outgrown + _block.Size;
        FreeAll();
        _block = Block.Allocate(total);
    }

    /// <summary>Hands all memory back. Spans taken before must not be used any more.</summary>
    public void Dispose()
    {
        FreeAll();
        GC.SuppressFinalize(this);
    }

    /// <summary>Hands all memory back.</summary>
    ~Workspace() => FreeAll();

    private byte* Take(nuint bytes)
    {
        nuint size = (bytes + (Alignment - 1)) & ~(nuint)(Alignment - 1);
        nuint outgrown = OutgrownSize();
        if (_used - outgrown + size > _block.Size)
        {
            // Spans already handed out point into the current block, so it stays until the pass ends.
            Block next = Block.Allocate(Math.Max(size, Math.Max(_block.Size * 2, 64 * 1024)));
            if (_block.Size > 0)
            {
                _outgrown.Add(_block);
                outgrown += _block.Size;
            }
            _used = outgrown;
            _block = next;
        }
        byte* start = _block.Start + (_used - outgrown);
        _used += size;
        return start;
    }

    private nuint OutgrownSize()
    {
        nuint size = 0;
        foreach (Block block in _outgrown)
            size += block.Size;
        return size;
    }

    private void FreeAll()
    {
        foreach (Block block in _outgrown)
            NativeMemory.AlignedFree(block.Start);
        _outgrown.Clear();
        NativeMemory.AlignedFree(_block.Start);
        _block = default;
        _used = 0;
    }

    private readonly struct Block(byte* start, nuint size)
    {
        public byte* Start { get; } = start;

        public nuint Size { get; } = size;

        public static Block Allocate(nuint size) => new((byte*)NativeMemory.AlignedAlloc(size, Alignment), size);
    }
}

/// <summary>Hands back what was taken from a <see cref="Workspace"/> since it was opened.</summary>
public readonly ref struct WorkspaceScope
{
    private readonly Workspace _workspace;
    private readonly nuint _mark;

    internal WorkspaceScope(Workspace workspace, nuint mark)
    {
        _workspace = workspace;
        _mark = mark;
    }

    /// <summary>Ends the scope.</summary>
    public void Dispose() => _workspace?.Release(_mark);
}
