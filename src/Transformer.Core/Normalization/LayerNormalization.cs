using System.Numerics.Tensors;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Normalization;

/// <summary>y = (x − mean) / √(variance + ε) · weight + bias, over the features of a row (Ba et al. 2016, arXiv:1607.06450).</summary>
public sealed class LayerNormalization : IScaledNormalization
{
    private readonly float[] _weight;
    private readonly float[] _bias;
    private readonly float _epsilon;

    /// <summary>Reads <c>weight</c> [hidden] and, if wanted, <c>bias</c> [hidden].</summary>
    public LayerNormalization(ComponentContext context, double epsilon = 1e-5, bool bias = true)
    {
        _weight = context.Weights.Vector("weight", context.HiddenSize);
        _bias = bias ? context.Weights.Vector("bias", context.HiddenSize) : [];
        _epsilon = (float)epsilon;
    }

    /// <inheritdoc/>
    public void Forward(MatrixSpan x, MatrixSpan y)
    {
        for (int row = 0; row < x.Rows; row++)
            LayerNorm.Compute(x[row], _weight, _bias, _epsilon, y[row]);
    }

    /// <inheritdoc/>
    public void Scales(MatrixSpan x, MatrixSpan scales)
    {
        for (int row = 0; row < x.Rows; row++)
        {
            float mean = TensorPrimitives.Sum<float>(x[row]) / x.Columns;
            float squares = 0;
            foreach (float value in x[row])
                squares += (value - mean) * (value - mean);
            scales[row][0] = MathF.Sqrt((squares / x.Columns) + _epsilon);
        }
    }
}
