using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Normalization;

/// <summary>y = x / √(mean(x²) + ε) · weight, over the features of a row (Zhang and Sennrich 2019, arXiv:1910.07467).</summary>
public sealed class RmsNormalization : IScaledNormalization
{
    private readonly float[] _weight;
    private readonly float _epsilon;

    /// <summary>Reads <c>weight</c> [width].</summary>
    /// <param name="context">Where.</param>
    /// <param name="epsilon">Added to the mean of the squares.</param>
    /// <param name="width">Features of a row; null: the hidden size.</param>
    public RmsNormalization(ComponentContext context, double epsilon = 1e-5, int? width = null)
    {
        _weight = context.Weights.Vector("weight", width ?? context.HiddenSize);
        _epsilon = (float)epsilon;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y)
    {
        for (int row = 0; row < x.Rows; row++)
            RmsNorm.Compute(x[row], _weight, _epsilon, y[row]);
    }

    /// <inheritdoc/>
    public void Scales(MatrixSpan x, MatrixSpan scales)
    {
        for (int row = 0; row < x.Rows; row++)
            scales[row][0] = MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(x[row]) / x.Columns) + _epsilon);
    }
}
