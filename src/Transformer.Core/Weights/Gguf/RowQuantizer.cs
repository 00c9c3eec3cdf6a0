using System.Numerics.Tensors;
using System.Runtime.ExceptionServices;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Weights.Gguf;

/// <summary>Rows of a tensor in another format, a few of them at a time, split over the threads.</summary>
/// <remarks>A row's bytes depend on that row alone, so they are the same however many threads there are.</remarks>
internal sealed class RowQuantizer(GgufTensorInfo tensor, TensorMemory memory, WeightFormat source, WeightFormat target, int threads, Action<long> done, CancellationToken cancellationToken)
{
    private const int ValuesAtATime = 1 << 20;

    private readonly int _columns = checked((int)tensor.Dimensions[0]);
    private readonly int _sourceBytes = checked((int)source.BytesFor(tensor.Dimensions[0]));
    private readonly int _targetBytes = checked((int)target.BytesFor(tensor.Dimensions[0]));
    private readonly long _rows = tensor.Dimensions.Skip(1).Aggregate(1L, (product, size) => product * size);
    private byte[]? _encoded;
    private long _first;
    private int _count;

    /// <summary>Writes the bytes of one row; rows are asked for in order.</summary>
    public void Fill(long row, Span<byte> bytes)
    {
        if (_encoded is null || row >= _first + _count)
            Encode(row);
        _encoded.AsSpan((int)(row - _first) * _targetBytes, _targetBytes).CopyTo(bytes);

        // One tensor's buffer should not outlive it.
        if (row == _rows - 1)
            _encoded = null;
    }

    private void Encode(long first)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int atATime = (int)Math.Min(_rows, Math.Max(1, ValuesAtATime / _columns));
        _encoded ??= new byte[atATime * _targetBytes];
        _first = first;
        _count = (int)Math.Min(atATime, _rows - first);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        try
        {
            Parallel.For(0, _count, options, () => new float[_columns], (i, _, values) => Encode(i, values), _ => { });
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
        done((long)_count * _columns);
    }

    private float[] Encode(int row, float[] values)
    {
        source.Decode(memory.Slice((_first + row) * _sourceBytes, _sourceBytes), values);
        if (!TensorPrimitives.IsFiniteAll<float>(values))
            throw new ModelFileException(tensor.File, $"tensor '{tensor.Name}'", "finite values", "NaN or infinity");
        target.Encode(values, _encoded.AsSpan(row * _targetBytes, _targetBytes));
        GC.KeepAlive(memory);
        return values;
    }
}
