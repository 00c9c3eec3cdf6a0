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
    /// <param name="asRows">Rows whatever their number: each will be multiplied by itself.</param>
    public LinearInput(MatrixSpan x, WeightMatrix[] parts, in ComputeContext compute, bool asRows = false)
    {
        Values = x;
        foreach (WeightMatrix part in parts)
        {
            // Parts of one form may differ in what is many, so both rows and panels of it may be wanted.
            bool panels = !asRows && part.TakesPanels(x.Rows);
            switch (part.Activations, panels)
            {
                case (ActivationForm.Float, true) when FloatPanels.Columns == 0:
                    FloatPanels = TokenPanels.Pack(x, compute);
                    break;
                case (ActivationForm.Int8, true) when _panels8.Columns == 0:
                    _panels8 = QuantizedPanels.Pack(x, ActivationForm.Int8, compute);
                    break;
                case (ActivationForm.Int8, false) when _rows8.Tokens == 0:
                    _rows8 = QuantizedRows.Quantize(x, ActivationForm.Int8, compute);
                    break;
                case (ActivationForm.Int16, true) when _panels16.Columns == 0:
                    _panels16 = QuantizedPanels.Pack(x, ActivationForm.Int16, compute);
                    break;
                case (ActivationForm.Int16, false) when _rows16.Tokens == 0:
                    _rows16 = QuantizedRows.Quantize(x, ActivationForm.Int16, compute);
                    break;
            }
        }
    }

    /// <summary>An input that is in panels of floats already, for matrices that all want those.</summary>
    public LinearInput(TokenPanels panels) => FloatPanels = panels;

    private LinearInput(MatrixSpan x, QuantizedRows rows8, QuantizedRows rows16)
    {
        Values = x;
        _rows8 = rows8;
        _rows16 = rows16;
    }

    /// <summary>[tokens, columns], as given.</summary>
    public MatrixSpan Values { get; }

    /// <summary>Panels of floats.</summary>
    public TokenPanels FloatPanels { get; }

    /// <summary>Rows of integers.</summary>
    public QuantizedRows Rows(ActivationForm form) => form == ActivationForm.Int8 ? _rows8 : _rows16;

    /// <summary>One token of an input that was prepared as rows.</summary>
    public LinearInput Row(int token) => new(Values.RowRange(token, 1), _rows8.Only(token), _rows16.Only(token));

    /// <summary>Panels of integers.</summary>
    public QuantizedPanels IntegerPanels(ActivationForm form) => form == ActivationForm.Int8 ? _panels8 : _panels16;
}
