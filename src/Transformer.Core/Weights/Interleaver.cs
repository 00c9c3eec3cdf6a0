using System.Runtime.InteropServices;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Numerics.Interleaved;

namespace Transformer.Core.Weights;

/// <summary>Makes matrices whose rows stand side by side.</summary>
/// <param name="workers">The threads that copy.</param>
/// <param name="all">Whether formats are taken too with which only several sessions in a pass gain.</param>
internal sealed unsafe class Interleaver(WorkerPool workers, bool all)
{
    // Rows are read from a file in pieces of about so many bytes a thread.
    private const int PieceBytes = 1 << 18;

    /// <summary>A matrix whose rows stand side by side, or null if the format, the number of rows or a scale that is not finite forbids it.</summary>
    public WeightMatrix? Create(Tensor tensor, TensorMemory memory)
    {
        if (tensor.Shape.Rows % Interleaving.Rows != 0 || tensor.Shape.Rows == 0 || tensor.Shape.Count != 1)
            return null;
        if (tensor.Format == WeightFormat.Q4_0)
            return Create<Q4_0, InterleavedQ4_0>(tensor, memory);
        if (tensor.Format == WeightFormat.Q4_K)
            return Create<Q4_K, InterleavedQ4_K>(tensor, memory);
        if (tensor.Format == WeightFormat.Q6_K)
            return Create<Q6_K, InterleavedQ6_K>(tensor, memory);
        if (tensor.Format == WeightFormat.Q8_0 && all)
            return Create<Q8_0, InterleavedQ8_0>(tensor, memory);
        return null;
    }

    private InterleavedWeightMatrix<TFormat, TInterleaved>? Create<TFormat, TInterleaved>(Tensor tensor, TensorMemory memory)
        where TFormat : struct, IIntegerFormat
        where TInterleaved : struct, IInterleavedFormat<TFormat>
    {
        if (!TInterleaved.IsSupported)
            return null;
        int rowBytes = checked((int)tensor.Format.BytesFor(tensor.Shape.Columns));
        TensorMemory copy = TensorMemory.AllocateUnfilled((long)rowBytes * tensor.Shape.Rows, out byte* target);
        bool finite = true;
        Joining<TFormat, TInterleaved> region = new()
        {
            Source = memory,
            Target = target,
            RowBytes = rowBytes,
            Blocks = tensor.Shape.Columns / TFormat.BlockLength,
            IsFinite = ref finite,
        };
        workers.Run(region, tensor.Shape.Rows / Interleaving.Rows, Math.Max(1, PieceBytes / (Interleaving.Rows * rowBytes)));
        GC.KeepAlive(copy);
        return finite ? new InterleavedWeightMatrix<TFormat, TInterleaved>(tensor, copy) : null;
    }

    /// <summary>Item i are sixteen rows.</summary>
    private ref struct Joining<TFormat, TInterleaved> : IParallelWork
        where TFormat : struct, IIntegerFormat
        where TInterleaved : struct, IInterleavedFormat<TFormat>
    {
        public TensorMemory Source;
        public byte* Target;
        public nint RowBytes;
        public nint Blocks;
        public ref bool IsFinite;

        public readonly void Execute(int start, int end, int worker)
        {
            nint groupBytes = Interleaving.Rows * RowBytes;
            int groups = Math.Max(1, PieceBytes / (int)groupBytes);
            byte* buffer = (byte*)NativeMemory.Alloc((nuint)(groups * groupBytes));
            try
            {
                for (int first = start; first < end && IsFinite; first += groups)
                {
                    int count = Math.Min(groups, end - first);
                    Source.Read(first * groupBytes, new Span<byte>(buffer, (int)(count * groupBytes)));
                    for (int row = 0; row < count * Interleaving.Rows; row++)
                        if (!TInterleaved.AreScalesFinite(buffer + (row * RowBytes), Blocks))
                            Volatile.Write(ref IsFinite, false);
                    for (int group = 0; group < count; group++)
                        TInterleaved.Join(buffer + (group * groupBytes), RowBytes, Blocks, Target + ((first + group) * groupBytes));
                }
            }
            finally
            {
                NativeMemory.Free(buffer);
            }
        }
    }
}
