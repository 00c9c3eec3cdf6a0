using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Numerics.Quantization;
using Transformer.Core.Weights;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>A row of weights in some format, and the ways to multiply it with one token's activations.</summary>
internal abstract class StoredRow : IDisposable
{
    private readonly TensorMemory _memory;

    private StoredRow(TensorMemory memory) => _memory = memory;

    protected ReadOnlySpan<byte> Blocks => _memory.Slice(0, (int)_memory.Length);

    /// <summary>Weights rounded to a format, for products with <paramref name="x"/>.</summary>
    public static StoredRow Create(WeightFormat format, float[] x) =>
        format.Accept(new Factory(TensorMemory.FromValues(Values.Row(x.Length), format), x));

    /// <summary>Whether the format's rows are multiplied as integers on this processor.</summary>
    public static bool HasIntegers(WeightFormat format) => format.Accept(new IntegerTest());

    /// <summary>The exact values, one at a time.</summary>
    public abstract float Scalar(float[] x);

    /// <summary>The format's product with floats.</summary>
    public abstract float Floats(float[] x);

    /// <summary>The format's product with the activations it was made for, quantized beforehand.</summary>
    public virtual float Integers() => throw new NotSupportedException("The format has no product of integers.");

    public virtual void Dispose()
    {
    }

    private class FloatRow<TFormat>(TensorMemory memory, int columns) : StoredRow(memory)
        where TFormat : struct, IBlockFormat
    {
        private readonly float[] _decoded = new float[columns];

        public override float Scalar(float[] x)
        {
            TFormat.DecodeScalar(Blocks, _decoded);
            return DotProduct.Scalar(_decoded, x);
        }

        public override float Floats(float[] x) => TFormat.Dot(Blocks, x);
    }

    private sealed unsafe class IntegerRow<TFormat> : FloatRow<TFormat>
        where TFormat : struct, IIntegerFormat
    {
        private readonly Workspace _workspace = new();
        private readonly QuantizedRow _activations;
        private readonly int _columns;

        public IntegerRow(TensorMemory memory, float[] x)
            : base(memory, x.Length)
        {
            using WorkerPool one = new(1);
            _columns = x.Length;
            _activations = QuantizedRows.Quantize(new MatrixSpan(x, 1, x.Length), TFormat.Activations, new ComputeContext(one, _workspace)).Row(0);
        }

        public override float Integers()
        {
            float product;
            fixed (byte* blocks = Blocks)
                TFormat.Dots(blocks, 1, _activations, _columns, &product);
            return product;
        }

        public override void Dispose() => _workspace.Dispose();
    }

    private sealed class Factory(TensorMemory memory, float[] x) : IIntegerFormatVisitor<StoredRow>
    {
        public StoredRow Visit<TFormat>()
            where TFormat : struct, IBlockFormat => new FloatRow<TFormat>(memory, x.Length);

        public StoredRow VisitIntegers<TFormat>()
            where TFormat : struct, IIntegerFormat => new IntegerRow<TFormat>(memory, x);
    }

    private sealed class IntegerTest : IIntegerFormatVisitor<bool>
    {
        public bool Visit<TFormat>()
            where TFormat : struct, IBlockFormat => false;

        public bool VisitIntegers<TFormat>()
            where TFormat : struct, IIntegerFormat => true;
    }
}
