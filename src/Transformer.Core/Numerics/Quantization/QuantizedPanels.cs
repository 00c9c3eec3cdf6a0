using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Transformer.Core.Numerics.Quantization;

/// <summary>
/// Activations [tokens, columns] as integers with the tokens side by side: the form for many tokens. A panel holds 32
/// tokens (the last one perhaps 16), block after block; a block of 32 features is a sequence of steps, in each of
/// which every token has 32 bits: four neighbouring features of 8 bits, or two of 16. Behind the steps stand the
/// tokens' scales and, with 8 bits, a pair of 16-bit integers: the negated sums of the first and of the last 16 features.
/// </summary>
internal readonly unsafe ref struct QuantizedPanels
{
    /// <summary>Tokens of a panel.</summary>
    public const int Widest = 32;

    /// <summary>Tokens of the narrowest panel.</summary>
    public const int Lanes = 16;

    private readonly Span<byte> _data;
    private readonly ActivationForm _form;

    private QuantizedPanels(Span<byte> data, ActivationForm form, int tokens, int columns)
    {
        _data = data;
        _form = form;
        Tokens = tokens;
        Columns = columns;
    }

    /// <summary>Tokens without the filling.</summary>
    public int Tokens { get; }

    /// <summary>Features, a multiple of 32.</summary>
    public int Columns { get; }

    /// <summary>Tokens with the filling, whose scales are zero.</summary>
    public int PaddedTokens => Pad(Tokens);

    /// <summary>Tokens with the filling.</summary>
    public static int Pad(int tokens) => (tokens + Lanes - 1) / Lanes * Lanes;

    /// <summary>Tokens of the panel that begins at a token.</summary>
    public static int Width(int start, int paddedTokens) => Math.Min(Widest, paddedTokens - start);

    /// <summary>Steps of a block.</summary>
    public static int Steps(ActivationForm form) => form == ActivationForm.Int8 ? 8 : 16;

    /// <summary>Bytes of a block for each token of the panel.</summary>
    public static int BytesPerToken(ActivationForm form) => (Steps(form) * sizeof(int)) + (form == ActivationForm.Int8 ? 2 * sizeof(float) : sizeof(float));

    /// <summary>Quantizes and rearranges activations, split over the threads.</summary>
    /// <param name="x">[tokens, columns].</param>
    /// <param name="form">8 or 16 bits.</param>
    /// <param name="compute">Threads, and the memory that the panels take until the caller's scope ends.</param>
    public static QuantizedPanels Pack(MatrixSpan x, ActivationForm form, in ComputeContext compute)
    {
        int blocks = x.Columns / BlockQuantizer.Length;
        QuantizedPanels panels = new(compute.Workspace.Bytes(checked(Pad(x.Rows) * blocks * BytesPerToken(form))), form, x.Rows, x.Columns);
        compute.Workers.Run(new Packing { X = x, Panels = panels }, panels.PaddedTokens / Lanes);
        return panels;
    }

    /// <summary>The panel that begins at a token; valid while the caller holds the memory, which the garbage collector does not move.</summary>
    public byte* Panel(int start) => (byte*)Unsafe.AsPointer(ref _data[checked(start * (Columns / BlockQuantizer.Length) * BytesPerToken(_form))]);

    /// <summary>Item i are the tokens from i x Lanes on.</summary>
    private ref struct Packing : IParallelWork
    {
        public MatrixSpan X;
        public QuantizedPanels Panels;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int item = start; item < end; item++)
            {
                int token = item * Lanes;
                int panelStart = token / Widest * Widest;
                int width = Width(panelStart, Panels.PaddedTokens);
                int count = Math.Min(Lanes, X.Rows - token);
                byte* panel = Panels.Panel(panelStart) + ((token - panelStart) * sizeof(int));
                fixed (float* x = X.RowRange(token, count).Data)
                {
                    if (Panels._form == ActivationForm.Int8)
                        Int8(x, X.Stride, count, X.Columns / BlockQuantizer.Length, panel, width);
                    else
                        Int16(x, X.Stride, count, X.Columns / BlockQuantizer.Length, panel, width);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Int8(float* x, nint stride, nint count, nint blocks, byte* panel, nint width)
        {
            int* quants = stackalloc int[8];
            for (nint block = 0; block < blocks; block++, x += BlockQuantizer.Length, panel += width * 40)
            {
                float* scales = (float*)(panel + (width * 32));
                for (nint token = 0; token < Lanes; token++)
                {
                    scales[token] = token < count ? BlockQuantizer.Int8(x + (token * stride), (sbyte*)quants) : Zero(quants, 8);
                    for (nint step = 0; step < 8; step++)
                        ((int*)panel)[(step * width) + token] = quants[step];
                }
                for (nint lane = 0; !Avx2.IsSupported && lane < Lanes; lane += Vector128<int>.Count)
                {
                    Vector128<int> low = Sum128(panel + (lane * sizeof(int)), width * sizeof(int));
                    Vector128<int> high = Sum128(panel + (((4 * width) + lane) * sizeof(int)), width * sizeof(int));
                    ((-low & Vector128.Create(0xFFFF)) | Vector128.ShiftLeft(-high, 16)).Store((int*)scales + width + lane);
                }
                for (nint lane = 0; Avx2.IsSupported && lane < Lanes; lane += Vector256<int>.Count)
                {
                    Vector256<int> low = Sum(panel + (lane * sizeof(int)), width * sizeof(int));
                    Vector256<int> high = Sum(panel + (((4 * width) + lane) * sizeof(int)), width * sizeof(int));
                    (Avx2.And(-low, Vector256.Create(0xFFFF)) | Avx2.ShiftLeftLogical(-high, 16)).Store((int*)scales + width + lane);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Int16(float* x, nint stride, nint count, nint blocks, byte* panel, nint width)
        {
            int* quants = stackalloc int[16];
            for (nint block = 0; block < blocks; block++, x += BlockQuantizer.Length, panel += width * 68)
            {
                float* scales = (float*)(panel + (width * 64));
                for (nint token = 0; token < Lanes; token++)
                {
                    scales[token] = token < count ? BlockQuantizer.Int16(x + (token * stride), (short*)quants) : Zero(quants, 16);
                    for (nint step = 0; step < 16; step++)
                        ((int*)panel)[(step * width) + token] = quants[step];
                }
            }
        }

        private static float Zero(int* quants, int count)
        {
            new Span<int>(quants, count).Clear();
            return 0;
        }

        /// <summary>The sums of eight tokens over four steps of four integers.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<int> Sum(byte* steps, nint stride)
        {
            Vector256<short> total = default;
            for (nint step = 0; step < 4; step++)
                total += Avx2.MultiplyAddAdjacent(Vector256<byte>.One, Vector256.Load(steps + (step * stride)).AsSByte());
            return Avx2.MultiplyAddAdjacent(total, Vector256<short>.One);
        }

        /// <summary>The same of four tokens.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<int> Sum128(byte* steps, nint stride)
        {
            Vector128<int> total = default;
            for (nint step = 0; step < 4; step++)
                total = Products128.AddFours(total, Vector128<byte>.One, Vector128.Load(steps + (step * stride)).AsSByte());
            return total;
        }
    }
}
