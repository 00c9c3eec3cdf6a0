using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Gemm;

namespace Transformer.Core.Attention;

/// <summary>
/// How a page of a <see cref="KvCache"/> holds the keys and values of 64 tokens: for each kv head its keys, then its
/// values. Values lie token after token; keys feature after feature, the tokens side by side, so that a query's scores
/// over 64 keys are sums of whole vectors. Formats that join several features of a token in a block keep keys token
/// after token too, and they are turned when read. Where values are a part of the keys (latent attention), there are
/// keys only, and values are turned when read.
/// </summary>
internal sealed unsafe class KvPageLayout
{
    /// <summary>Tokens of a page.</summary>
    public const int Tokens = 64;

    private const int Lanes = 16;

    private readonly WeightFormat _format;
    private readonly bool _turned;
    private readonly int _keyBytes;
    private readonly int _valueBytes;

    /// <summary>A layout.</summary>
    /// <param name="kvHeads">Key and value heads.</param>
    /// <param name="headDim">Features of a key.</param>
    /// <param name="format">How they are stored.</param>
    /// <param name="valueDim">Features of a value; null: as many.</param>
    /// <param name="latent">Whether values are the last features of the keys, and not stored.</param>
    public KvPageLayout(int kvHeads, int headDim, WeightFormat format, int? valueDim = null, bool latent = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kvHeads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(headDim, 1);
        if (headDim % format.BlockLength != 0)
            throw new ArgumentException($"KvCache: expected a HeadDim that is a multiple of {format.Name}'s block of {format.BlockLength}, found {headDim}.");
        KvHeads = kvHeads;
        HeadDim = headDim;
        _format = format;
        _turned = format.BlockLength == 1;
        IsPlain = format == WeightFormat.Float32;
        ValueDim = valueDim ?? headDim;
        IsLatent = latent;
        ValueStride = (ValueDim + (Lanes - 1)) / Lanes * Lanes;
        _keyBytes = checked((int)format.BytesFor(Tokens * headDim));
        _valueBytes = IsLatent ? 0 : checked((int)format.BytesFor(Tokens * ValueStride));
    }

    public int KvHeads { get; }

    public int HeadDim { get; }

    /// <summary>Features of a value.</summary>
    public int ValueDim { get; }

    /// <summary>Whether values are the last features of the keys.</summary>
    public bool IsLatent { get; }

    /// <summary>Whether pages hold floats, which need no decoding.</summary>
    public bool IsPlain { get; }

    public string FormatName => _format.Name;

    /// <summary>Values from one token's to the next's: whole vectors.</summary>
    public int ValueStride { get; }

    public long PageBytes => (long)KvHeads * (_keyBytes + _valueBytes);

    /// <summary>Floats of scratch that reading takes.</summary>
    public int ScratchLength => IsLatent ? (Tokens * ValueStride) + KeyScratch : IsPlain ? 0 : Math.Max(Tokens * ValueStride, KeyScratch);

    private int KeyScratch => IsPlain ? 0 : Tokens * (_turned ? HeadDim : 2 * HeadDim);

    /// <summary>Stores one token's keys and values of one head.</summary>
    public void Store(byte* page, int head, int slot, ReadOnlySpan<float> keys, ReadOnlySpan<float> values)
    {
        byte* k = Keys(page, head);
        if (IsPlain)
            Scatter(keys, (float*)k + slot);
        else if (_turned)
            Scatter(keys, k, slot);
        else
            _format.Encode(keys, new Span<byte>(k + _format.BytesFor((long)slot * HeadDim), (int)_format.BytesFor(HeadDim)));
        if (!IsLatent)
            _format.Encode(values, new Span<byte>(Values(page, head) + _format.BytesFor((long)slot * ValueStride), (int)_format.BytesFor(ValueDim)));
    }

    /// <summary>Where a head's keys lie.</summary>
    public byte* Keys(byte* page, int head) => page + ((nint)head * (_keyBytes + _valueBytes));

    /// <summary>Where a head's values lie.</summary>
    public byte* Values(byte* page, int head) => IsLatent ? Keys(page, head) : Keys(page, head) + _keyBytes;

    /// <summary>A head's keys as [head dim, 64 tokens]: the page itself, or decoded to scratch.</summary>
    /// <param name="page">The page.</param>
    /// <param name="head">The kv head.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <param name="ahead">What will be read next, to be fetched on the way; or null.</param>
    public float* ReadKeys(byte* page, int head, float* scratch, byte* ahead = null)
    {
        byte* keys = Keys(page, head);
        if (IsPlain)
            return (float*)keys;
        float* decoded = _turned ? scratch : scratch + (Tokens * HeadDim);
        Decode(keys, decoded, Tokens * HeadDim, ahead);
        if (!_turned)
            Transpose.Compute(decoded, HeadDim, Tokens, scratch, Tokens, HeadDim, Tokens);
        return scratch;
    }

    /// <summary>A head's values as [tokens, <see cref="ValueStride"/>]: the page itself, or decoded to scratch.</summary>
    /// <param name="page">The page.</param>
    /// <param name="head">The kv head.</param>
    /// <param name="count">Tokens wanted, from the page's first on.</param>
    /// <param name="scratch"><see cref="ScratchLength"/> floats.</param>
    /// <param name="ahead">What will be read next, or null.</param>
    public float* ReadValues(byte* page, int head, int count, float* scratch, byte* ahead = null)
    {
        if (IsLatent)
        {
            float* keys = ReadKeys(page, head, scratch + (Tokens * ValueStride), ahead);
            Transpose.Compute(keys + ((HeadDim - ValueDim) * Tokens), Tokens, ValueDim, scratch, ValueStride, count, ValueStride);
            return scratch;
        }
        byte* values = Values(page, head);
        if (IsPlain)
            return (float*)values;
        Decode(values, scratch, count * ValueStride, ahead);
        return scratch;
    }

    /// <summary>Asks the memory for bytes that will be read soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fetch(byte* start, int bytes)
    {
        if (Sse.IsSupported)
            for (byte* line = start, end = start + bytes; line < end; line += 64)
                Sse.Prefetch0(line);
    }

    /// <summary>The bytes of the first tokens of a page, piece by piece, always in the same order.</summary>
    public void ForEachPiece<TState>(byte* page, int count, TState state, Piece<TState> visit)
    {
        for (int head = 0; head < KvHeads; head++)
        {
            byte* keys = Keys(page, head);
            int pieces = _turned ? HeadDim : 1;
            int stride = _keyBytes / pieces, bytes = _turned ? count * _format.BlockBytes : (int)_format.BytesFor((long)count * HeadDim);
            for (int i = 0; i < pieces; i++)
                visit(state, new Span<byte>(keys + ((nint)i * stride), bytes));
            if (!IsLatent)
                visit(state, new Span<byte>(Values(page, head), (int)_format.BytesFor((long)count * ValueStride)));
        }
    }

    public delegate void Piece<TState>(TState state, Span<byte> bytes);

    /// <summary>Piece by piece, and before each piece the same piece of what comes next is asked for: a processor looks ahead too little by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Decode(byte* blocks, float* values, int count, byte* ahead)
    {
        const int piece = 1024;
        for (int start = 0; start < count; start += piece)
        {
            int length = Math.Min(piece, count - start), bytes = length / _format.BlockLength * _format.BlockBytes;
            if (ahead != null)
            {
                Fetch(ahead, bytes);
                ahead += bytes;
            }
            _format.Decode(new ReadOnlySpan<byte>(blocks, bytes), new Span<float>(values + start, length));
            blocks += bytes;
        }
    }

    private static void Scatter(ReadOnlySpan<float> values, float* target)
    {
        for (int i = 0; i < values.Length; i++)
            target[i * Tokens] = values[i];
    }

    private void Scatter(ReadOnlySpan<float> values, byte* target, int slot)
    {
        const int some = 64;
        int size = _format.BlockBytes;
        Span<byte> encoded = stackalloc byte[some * sizeof(float)];
        for (int start = 0; start < values.Length; start += some)
        {
            ReadOnlySpan<float> piece = values.Slice(start, Math.Min(some, values.Length - start));
            _format.Encode(piece, encoded[..(piece.Length * size)]);
            for (int i = 0; i < piece.Length; i++)
                encoded.Slice(i * size, size).CopyTo(new Span<byte>(target + ((((nint)(start + i) * Tokens) + slot) * size), size));
        }
    }
}
