using System.Runtime.InteropServices;
using Transformer.Core;

namespace SwapAComponent;

/// <summary>For each head Σ φ(k)vᵀ [head dim, head dim] and Σ φ(k) [head dim], and a copy of both from when the last call began.</summary>
internal sealed class LinearAttentionState(int heads, int headDim) : ISequenceState
{
    private readonly float[] _sums = new float[heads * headDim * (headDim + 1)];
    private readonly float[] _settledSums = new float[heads * headDim * (headDim + 1)];
    private int _settled;

    public int Length { get; private set; }

    public long SizeInBytes => Bytes(heads, headDim);

    public static long Bytes(int heads, int headDim) => 2L * heads * headDim * (headDim + 1) * sizeof(float);

    /// <summary>Adds a token and reads the sums with its query.</summary>
    public void Step(ReadOnlySpan<float> qkv, Span<float> mixed)
    {
        int width = heads * headDim;
        for (int start = 0; start < width; start += headDim)
        {
            ReadOnlySpan<float> v = qkv.Slice((2 * width) + start, headDim);
            Span<float> z = mixed.Slice(start, headDim);
            Span<float> sums = _sums.AsSpan(start * (headDim + 1), headDim * (headDim + 1));
            float total = 0;
            z.Clear();
            for (int i = 0; i < headDim; i++)
            {
                Span<float> row = sums.Slice(i * (headDim + 1), headDim + 1);
                float q = Feature(qkv[start + i]), k = Feature(qkv[width + start + i]);
                for (int j = 0; j < headDim; j++)
                {
                    row[j] += k * v[j];
                    z[j] += q * row[j];
                }
                row[headDim] += k;
                total += q * row[headDim];
            }
            for (int j = 0; j < headDim; j++)
                z[j] /= total;
        }
        Length++;
    }

    // A sum cannot forget its last terms: it goes back to nothing, or to the copy.
    public bool CanTruncate(int length) => length == 0 || length == Length || (length == _settled && length < Length);

    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        if (!CanTruncate(length))
            throw new NotSupportedException($"Linear attention can go back to 0 or {_settled} tokens, not to {length}.");
        if (length == 0)
            Array.Clear(_sums);
        else if (length < Length)
            _settledSums.CopyTo(_sums, 0);
        Length = length;
    }

    public void Settle(int length)
    {
        _sums.CopyTo(_settledSums, 0);
        _settled = length;
    }

    public ISequenceState Fork()
    {
        LinearAttentionState fork = new(heads, headDim) { Length = Length, _settled = _settled };
        _sums.CopyTo(fork._sums, 0);
        _settledSums.CopyTo(fork._settledSums, 0);
        return fork;
    }

    public void Save(Stream stream)
    {
        ReadOnlySpan<int> header = [_sums.Length, Length];
        stream.Write(MemoryMarshal.AsBytes(header));
        stream.Write(MemoryMarshal.AsBytes(_sums.AsSpan()));
    }

    public void Load(Stream stream)
    {
        Span<int> header = stackalloc int[2];
        stream.ReadExactly(MemoryMarshal.AsBytes(header));
        if (header[0] != _sums.Length || header[1] < 0)
            throw new InvalidDataException($"Expected {_sums.Length} sums, found {header[0]} of {header[1]} tokens.");
        stream.ReadExactly(MemoryMarshal.AsBytes(_sums.AsSpan()));
        Length = header[1];
        _settled = 0;
        Array.Clear(_settledSums);
    }

    public void Dispose()
    {
    }

    private static float Feature(float x) => x > 0 ? x + 1 : MathF.Exp(x);
}
