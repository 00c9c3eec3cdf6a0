using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <summary>
/// The input of a linear map in every form that its matrices want: prepared once, read by all threads and parts.
/// For few tokens rows, for many panels.
/// </summary>
internal readonly ref struct LinearInput
{
    private readonly QuantizedRows _rows8;
    private readonly QuantizedRows _rows16;
    private readonly QuantizedPanels _panels8;
    private readonly QuantizedPanels _panels16;

    /// <summary>Prepares the forms that some matrices want.</summary>
    /// <param name="x">[tokens, columns].</param>
    /// <param name="parts">The matrices.</param>
    /// <param name="compute">Threads, and the memory that the forms take until the caller's scope ends.</param>
    public LinearInput(MatrixSpan x, WeightMatrix[] parts, in ComputeContext compute)
    {
        Values = x;
        bool floats = false, bytes = false, shorts = false;
        foreach (WeightMatrix part in parts)
        {
            bool panels = part.TakesPanels(x.Rows);
            switch (part.Activations)
            {
                case ActivationForm.Float when panels && !floats:
                    FloatPanels = TokenPanels.Pack(x, compute);
                    floats = true;
                    break;
                case ActivationForm.Int8 when !bytes:
                    if (panels)
                        _panels8 = QuantizedPanels.Pack(x, ActivationForm.Int8, compute);
                    else
                        _rows8 = QuantizedRows.Quantize(x, ActivationForm.Int8, compute);
                    bytes = true;
                    break;
                case ActivationForm.Int16 when !shorts:
                    if (panels)
                        _panels16 = QuantizedPanels.Pack(x, ActivationForm.Int16, compute);
                    else
                        _rows16 = QuantizedRows.Quantize(x, ActivationForm.Int16, compute);
                    shorts = true;
                    break;
            }
        }
    }

    /// <summary>[tokens, columns], as given.</summary>
    public MatrixSpan Values { get; }

    /// <summary>Panels of floats.</summary>
    public TokenPanels FloatPanels { get; }

    /// <summary>Rows of integers.</summary>
    public QuantizedRows Rows(ActivationForm form) => form == ActivationForm.Int8 ? _rows8 : _rows16;

    /// <summary>Panels of integers.</summary>
    public QuantizedPanels IntegerPanels(ActivationForm form) => form == ActivationForm.Int8 ? _panels8 : _panels16;
}
