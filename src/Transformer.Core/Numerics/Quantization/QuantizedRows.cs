using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Quantization;

/// <summary>Activations [tokens, columns] as integers, token after token: the form for few tokens.</summary>
/// <remarks>An odd number of blocks is filled up with one of zeros, so that loops may take two at once.</remarks>
internal readonly unsafe ref struct QuantizedRows
{
    private readonly Span<byte> _data;
    private readonly ActivationForm _form;
    private readonly int _blocks;

    private QuantizedRows(Span<byte> data, ActivationForm form, int tokens, int blocks)
    {
        _data = data;
        _form = form;
        _blocks = blocks;
        Tokens = tokens;
    }

    /// <summary>Rows.</summary>
    public int Tokens { get; }

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride => Layout(_form, _blocks).Total;

    /// <summary>Quantizes rows of floats, split over the threads.</summary>
    /// <param name="x">[tokens, columns], columns a multiple of 32. From three tokens on there is memory for a multiple of four rows, so that loops may take four or eight at once.</param>
    /// <param name="form">8 or 16 bits.</param>
    /// <param name="compute">Threads, and the memory that the rows take until the caller's scope ends.</param>
    public static QuantizedRows Quantize(MatrixSpan x, ActivationForm form, in ComputeContext compute)
    {
        int blocks = ((x.Columns / BlockQuantizer.Length) + 1) & ~1;
        QuantizedRows rows = new(compute.Workspace.Bytes(checked((x.Rows < 3 ? x.Rows : (x.Rows + 3) & ~3) * Layout(form, blocks).Total)), form, x.Rows, blocks);
        Quantizing region = new() { X = x, Rows = rows };
        if (x.Rows == 1)
            region.Execute(0, 1, 0);
        else
            compute.Workers.Run(region, x.Rows);
        return rows;
    }

    /// <summary>A token's row; valid while the caller holds the memory, which the garbage collector does not move.</summary>
    public QuantizedRow Row(int token)
    {
        (int scales, int totals, int halfwayScales, int negatedSums, int total) = Layout(_form, _blocks);
        byte* start = (byte*)Unsafe.AsPointer(ref _data[token * total]);
        return new QuantizedRow
        {
            Quants = start,
            Scales = (float*)(start + scales),
            NegatedTotals = (float*)(start + totals),
            NegatedHalfTotals = (float*)(start + totals) + _blocks,
            HalfwayScales = (float*)(start + halfwayScales),
            NegatedSums = (int*)(start + negatedSums),
            NegatedEights = (int*)(start + negatedSums) + (_blocks * Vector256<int>.Count),
        };
    }

    /// <summary>One token's row by itself; none of none.</summary>
    public QuantizedRows Only(int token)
    {
        if (Tokens == 0)
            return default;
        int total = Layout(_form, _blocks).Total;
        return new QuantizedRows(_data.Slice(token * total, total), _form, 1, _blocks);
    }

    private static (int Scales, int Totals, int HalfwayScales, int NegatedSums, int Total) Layout(ActivationForm form, int blocks)
    {
        bool bytes = form == ActivationForm.Int8;
        int lanes = bytes ? Vector256<float>.Count : 1;
        int scales = blocks * BlockQuantizer.Length * (bytes ? 1 : 2);
        int halfwayScales = Align(scales + (blocks * sizeof(float)));
        int totals = Align(halfwayScales + (blocks * lanes * sizeof(float)));
        int negatedSums = bytes ? Align(totals + (blocks * 3 * sizeof(float))) : totals;
        int total = bytes ? Align(negatedSums + (blocks * (lanes + 1) * sizeof(int))) : totals;
        return (scales, totals, halfwayScales, negatedSums, total);
    }

    private static int Align(int bytes) => (bytes + 63) & ~63;

    /// <summary>Item i is token i.</summary>
    private ref struct Quantizing : IParallelWork
    {
        public MatrixSpan X;
        public QuantizedRows Rows;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int token = start; token < end; token++)
            {
                QuantizedRow row = Rows.Row(token);
                int filled = X.Columns / BlockQuantizer.Length;
                fixed (float* x = X[token])
                {
                    if (Rows._form == ActivationForm.Int8)
                        Int8(x, row, filled);
                    else
                        Int16(x, row, filled);
                }
                if (filled < Rows._blocks)
                    Blank(row, filled, Rows._form);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Int8(float* x, QuantizedRow row, nint blocks)
        {
            sbyte* quants = (sbyte*)row.Quants;
            for (nint block = 0; block < blocks; block++)
            {
                float scale = BlockQuantizer.Int8(x + (block * 32), quants + (block * 32));
                Vector128<int> first, second;
                if (Avx2.IsSupported)
                {
                    Vector256<int> sums = Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256<byte>.One, Vector256.Load(quants + (block * 32))), Vector256<short>.One);
                    first = sums.GetLower();
                    second = sums.GetUpper();
                }
                else
                {
                    first = Products128.AddFours(default, Vector128<byte>.One, Vector128.Load(quants + (block * 32)));
                    second = Products128.AddFours(default, Vector128<byte>.One, Vector128.Load(quants + (block * 32) + 16));
                }
                int low = Vector128.Sum(first);
                int high = Vector128.Sum(second);
                row.Scales[block] = scale;
                row.NegatedTotals[block] = -scale * (low + high);
                row.NegatedHalfTotals[2 * block] = -scale * low;
                row.NegatedHalfTotals[(2 * block) + 1] = -scale * high;
                Vector256.Create(scale * QuantizedRow.HalfwayScale).Store(row.HalfwayScales + (block * 8));
                Vector256.Create(-(low + high)).Store(row.NegatedSums + (block * 8));
                row.NegatedEights[block] = -8 * (low + high);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Int16(float* x, QuantizedRow row, nint blocks)
        {
            for (nint block = 0; block < blocks; block++)
            {
                float scale = BlockQuantizer.Int16(x + (block * 32), (short*)row.Quants + (block * 32));
                row.Scales[block] = scale;
                row.HalfwayScales[block] = scale * QuantizedRow.HalfwayScale;
            }
        }

        private static void Blank(QuantizedRow row, int block, ActivationForm form)
        {
            bool bytes = form == ActivationForm.Int8;
            int size = bytes ? 32 : 64;
            new Span<byte>(row.Quants + (block * size), size).Clear();
            row.Scales[block] = 0;
            new Span<float>(row.HalfwayScales + (block * (bytes ? 8 : 1)), bytes ? 8 : 1).Clear();
            if (!bytes)
                return;
            row.NegatedTotals[block] = 0;
            new Span<float>(row.NegatedHalfTotals + (2 * block), 2).Clear();
            new Span<int>(row.NegatedSums + (8 * block), 8).Clear();
            row.NegatedEights[block] = 0;
        }
    }
}
