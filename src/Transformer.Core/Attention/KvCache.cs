using System.Runtime.InteropServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Attention;

/// <summary>
/// The keys and values of one sequence in one layer, in pages of 64 tokens outside the managed heap. Pages come as the
/// sequence grows; with a window, those that no query will see any more serve again.
/// </summary>
public sealed unsafe class KvCache : ISequenceState
{
    private const int PageTokens = KvPageLayout.Tokens;
    private const uint Signature = 0x32564B54; // "TKV2"
    private const uint LatentSignature = 0x324C4B54; // "TKL2"

    private readonly int _capacity;
    private readonly int _window;
    private readonly KvPages _pages;
    private int _settled;
    private int _oldest; // no page before this one
    private bool _disposed;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Most tokens of the sequence.</param>
    /// <param name="kvHeads">Key and value heads.</param>
    /// <param name="headDim">Features of a head; a multiple of the format's block.</param>
    /// <param name="format">How keys and values are stored; null: F32.</param>
    /// <param name="window">How many tokens a query sees, itself included; null: all before it.</param>
    /// <exception cref="ArgumentException"><paramref name="headDim"/> is no multiple of the format's block.</exception>
    public KvCache(int capacity, int kvHeads, int headDim, WeightFormat? format = null, int? window = null)
        : this(capacity, new KvPageLayout(kvHeads, headDim, format ?? WeightFormat.Float32), window)
    {
    }

    internal KvCache(int capacity, KvPageLayout layout, int? window = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window ?? 1, 1, nameof(window));
        _capacity = capacity;
        _window = window ?? int.MaxValue;
        Layout = layout;
        _pages = new KvPages(Pages(capacity), layout.PageBytes);
    }

    /// <inheritdoc/>
    public int Length { get; private set; }

    /// <inheritdoc/>
    public long SizeInBytes => _pages.SizeInBytes;

    internal KvPageLayout Layout { get; }

    private uint OwnSignature => Layout.IsLatent ? LatentSignature : Signature;

    /// <summary>Bytes that a cache takes once it holds <paramref name="length"/> tokens, added at most 512 at a time; a session adds fewer.</summary>
    internal static long Bytes(KvPageLayout layout, int length, int window)
    {
        // What the first of the new tokens sees, and the new ones; both may begin and end inside a page.
        const int chunk = 512;
        long kept = ((long)window - 1 + chunk + (2 * (PageTokens - 1))) / PageTokens;
        return Math.Min(Pages(length), kept) * layout.PageBytes;
    }

    /// <summary>Adds the keys and values of new tokens, [n, kv heads x head dim] each.</summary>
    /// <exception cref="ContextLengthExceededException">They do not fit the capacity.</exception>
    public void Append(MatrixSpan keys, MatrixSpan values)
    {
        int width = Layout.KvHeads * Layout.HeadDim;
        if (keys.Columns != width || values.Columns != Layout.KvHeads * Layout.ValueDim || keys.Rows != values.Rows)
            throw new ArgumentException($"Expected keys [n, {width}] and values [n, {Layout.KvHeads * Layout.ValueDim}], found [{keys.Rows}, {keys.Columns}] and [{values.Rows}, {values.Columns}].");
        Extend(keys.Rows);
        for (int head = 0; head < Layout.KvHeads; head++)
            Write(head, keys, values);
    }

    /// <summary>Makes room for new tokens; <see cref="Write"/> must follow for every head.</summary>
    internal void Extend(int count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (count > _capacity - Length)
            throw new ContextLengthExceededException(_capacity, Length + count);
        Recycle();
        for (int page = Length / PageTokens; page < Pages(Length + count); page++)
            _pages.Take(page);
        Length += count;
    }

    /// <summary>Stores one head of the last tokens, as many as there are rows. Heads may be written at the same time.</summary>
    internal void Write(int head, MatrixSpan keys, MatrixSpan values)
    {
        (int dim, int valueDim) = (Layout.HeadDim, Layout.ValueDim);
        for (int row = 0; row < keys.Rows; row++)
        {
            int token = Length - keys.Rows + row;
            Layout.Store(Page(token / PageTokens), head, token % PageTokens, keys[row].Slice(head * dim, dim), values[row].Slice(head * valueDim, valueDim));
        }
    }

    /// <summary>Copies the keys of one head, for attention of one's own.</summary>
    /// <param name="head">The kv head.</param>
    /// <param name="first">The first token.</param>
    /// <param name="target">[n, head dim] keys of n tokens, overwritten.</param>
    /// <param name="workspace">Scratch.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such head, or the tokens are not (or not any more) in the cache.</exception>
    public void CopyKeys(int head, int first, MatrixSpan target, Workspace workspace)
    {
        Check(head, first, target, Layout.HeadDim);
        using WorkspaceScope scope = workspace.Scope();
        fixed (float* scratch = workspace.Floats(Layout.ScratchLength))
        {
            float* keys = null;
            for (int row = 0; row < target.Rows; row++)
            {
                int token = first + row, slot = token % PageTokens;
                if (row == 0 || slot == 0)
                    keys = Layout.ReadKeys(Page(token / PageTokens), head, scratch);
                for (int i = 0; i < target.Columns; i++)
                    target[row][i] = keys[(i * PageTokens) + slot];
            }
        }
    }

    /// <summary>Copies the values of one head.</summary>
    /// <inheritdoc cref="CopyKeys"/>
    public void CopyValues(int head, int first, MatrixSpan target, Workspace workspace)
    {
        Check(head, first, target, Layout.ValueDim);
        using WorkspaceScope scope = workspace.Scope();
        fixed (float* scratch = workspace.Floats(Layout.ScratchLength))
        {
            float* values = null;
            for (int row = 0; row < target.Rows; row++)
            {
                int token = first + row, slot = token % PageTokens;
                if (row == 0 || slot == 0)
                    values = Layout.ReadValues(Page(token / PageTokens), head, TokensOf(token / PageTokens), scratch);
                new ReadOnlySpan<float>(values + (slot * Layout.ValueStride), target.Columns).CopyTo(target[row]);
            }
        }
    }

    /// <summary>A page that holds tokens of the sequence.</summary>
    internal byte* Page(int page) => _pages[page];

    /// <inheritdoc/>
    public bool CanTruncate(int length) => length >= 0 && length <= Length && Holds(length);

    /// <inheritdoc/>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (!Holds(length))
            throw new NotSupportedException($"The cache of a window of {_window} tokens keeps tokens {First()} to {Length - 1}: going back to {length} tokens needs those from {length - _window + 1} on.");
        for (int page = Pages(length); page < Pages(Length); page++)
            _pages.GiveBack(page);
        Length = length;
        _settled = Math.Min(_settled, length);
        if (length == 0)
            _oldest = 0;
    }

    /// <inheritdoc/>
    public void Settle(int length)
    {
        _settled = Math.Min(length, Length);
        Recycle();
    }

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        KvCache copy = new(_capacity, Layout, _window) { Length = Length, _settled = _settled, _oldest = _oldest };
        copy._pages.CopyFrom(_pages);
        return copy;
    }

    /// <inheritdoc/>
    public void Save(Stream stream)
    {
        int first = First();
        ReadOnlySpan<int> header = [(int)OwnSignature, Layout.KvHeads * Layout.HeadDim, Length, first, Layout.ValueDim, NameOf(0), NameOf(4)];
        stream.Write(MemoryMarshal.AsBytes(header));
        for (int page = first / PageTokens; page < Pages(Length); page++)
            Layout.ForEachPiece(Page(page), TokensOf(page), stream, static (target, bytes) => target.Write(bytes));
    }

    /// <inheritdoc/>
    public void Load(Stream stream)
    {
        Span<int> header = stackalloc int[7];
        try
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(header));
            int length = header[2], first = header[3];
            if ((uint)header[0] != OwnSignature || header[1] != Layout.KvHeads * Layout.HeadDim || length < 0 || length > _capacity)
                throw new InvalidDataException($"Expected a key-value cache of width {Layout.KvHeads * Layout.HeadDim} and at most {_capacity} tokens, found signature {header[0]:x8}, width {header[1]}, {length} tokens.");
            if (header[4] != Layout.ValueDim || header[5] != NameOf(0) || header[6] != NameOf(4))
                throw new InvalidDataException($"Expected a key-value cache of head dim {Layout.ValueDim} stored as {Layout.FormatName}, found head dim {header[4]} or another format.");
            if (first < 0 || first % PageTokens != 0 || first > Math.Max(0, (long)length - _window + 1))
                throw new InvalidDataException($"Expected the tokens that a window of {_window} sees behind {length} tokens, found those from {first} on.");
            Truncate(0);
            for (int page = first / PageTokens; page < Pages(length); page++)
            {
                // Page by page: a length that the stream does not justify ends it before memory does.
                Length = Math.Min(length, (page + 1) * PageTokens);
                _pages.Take(page);
                Layout.ForEachPiece(Page(page), TokensOf(page), stream, static (source, bytes) => source.ReadExactly(bytes));
            }
            Length = length;
            _settled = length;
            _oldest = first / PageTokens;
        }
        catch (EndOfStreamException exception)
        {
            Truncate(0);
            throw new InvalidDataException("The stream ends inside a key-value cache.", exception);
        }
    }

    /// <summary>Hands the memory back.</summary>
    public void Dispose()
    {
        _pages.Dispose();
        Length = 0;
        _disposed = true;
    }

    private static int Pages(int tokens) => (int)(((long)tokens + PageTokens - 1) / PageTokens);

    private int TokensOf(int page) => Math.Min(PageTokens, Length - (page * PageTokens));

    private void Check(int head, int first, MatrixSpan target, int width)
    {
        if ((uint)head >= (uint)Layout.KvHeads || first < First() || first > Length - target.Rows)
            throw new ArgumentOutOfRangeException(nameof(first), $"Head {head} of {Layout.KvHeads}, tokens {first} to {first + target.Rows} of {First()} to {Length}.");
        if (target.Columns != width)
            throw new ArgumentException($"Expected rows of {width}, found {target.Columns}.", nameof(target));
    }

    private int NameOf(int start)
    {
        int packed = 0;
        for (int i = 0; i < 4 && start + i < Layout.FormatName.Length; i++)
            packed |= (byte)Layout.FormatName[start + i] << (8 * i);
        return packed;
    }

    /// <summary>Whether all is there that a query behind <paramref name="length"/> tokens sees.</summary>
    private bool Holds(int length)
    {
        for (int page = FirstSeen(length) / PageTokens; page < Pages(length); page++)
            if (!_pages.Has(page))
                return false;
        return true;
    }

    /// <summary>The first token from which on all are there.</summary>
    private int First()
    {
        int page = Pages(Length);
        while (page > 0 && _pages.Has(page - 1))
            page--;
        return page * PageTokens;
    }

    private int FirstSeen(int length) => (int)Math.Max(0, (long)length - _window + 1);

    /// <summary>Takes back pages that nobody will see: neither queries from here on, nor those behind the settled length.</summary>
    private void Recycle()
    {
        int first = FirstSeen(Length) / PageTokens, held = FirstSeen(_settled) / PageTokens, heldEnd = Pages(_settled);
        for (int page = _oldest; page < first; page++)
            if (page < held || page >= heldEnd)
                _pages.GiveBack(page);
        while (_oldest < first && !_pages.Has(_oldest))
            _oldest++;
    }
}
