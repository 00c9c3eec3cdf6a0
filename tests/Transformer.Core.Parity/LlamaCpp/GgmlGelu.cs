using Transformer.Core.Numerics;

namespace Transformer.Core.Parity.LlamaCpp;

/// <summary>
/// ggml takes GELU from a table: input and output rounded to 16 bits, by the tanh approximation for every family
/// (ggml_vec_gelu_f32 and ggml_vec_geglu_f32 in ggml-cpu/vec.h). That alone moves logits by some 1e-3. This observer
/// puts the same numbers into our pass, so that everything else can be compared closely.
/// </summary>
internal sealed class GgmlGelu : IActivationObserver
{
    private float[] _input = [];
    private float[]? _factor;

    public bool Wants(int layer, string point) => point is ActivationPoints.FeedForwardPre or ActivationPoints.FeedForwardUp or ActivationPoints.FeedForwardPost;

    public void Observe(in Activation activation)
    {
        switch (activation.Point)
        {
            case ActivationPoints.FeedForwardPre:
                _input = Copy(activation.Values);
                _factor = null;
                break;
            case ActivationPoints.FeedForwardUp:
                _factor = Copy(activation.Values);
                break;
            default:
                Replace(activation.Values);
                break;
        }
    }

    private void Replace(MatrixSpan values)
    {
        int i = 0;
        for (int row = 0; row < values.Rows; row++)
        {
            foreach (ref float value in values[row])
            {
                value = Tabled(_input[i]) * (_factor?[i] ?? 1);
                i++;
            }
        }
    }

    private static float Tabled(float x)
    {
        if (x is <= -10 or >= 10)
            return Math.Max(x, 0);
        float rounded = (float)(Half)x;
        return (float)(Half)(0.5f * rounded * (1 + MathF.Tanh(0.79788456080286535588f * rounded * (1 + (0.044715f * rounded * rounded)))));
    }

    private static float[] Copy(MatrixSpan values)
    {
        float[] copy = new float[values.Rows * values.Columns];
        values.CopyTo(new MatrixSpan(copy, values.Rows, values.Columns));
        return copy;
    }
}
