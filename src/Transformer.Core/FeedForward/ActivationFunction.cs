using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.FeedForward;

/// <summary>The non-linearity of a feed-forward layer.</summary>
public enum ActivationFunction
{
    /// <summary>x·Φ(x), with the exact error function (Hendrycks and Gimpel 2016, arXiv:1606.08415).</summary>
    Gelu,

    /// <summary>GELU by its tanh approximation, as GPT-2 was trained (<c>gelu_new</c>).</summary>
    GeluTanh,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x·sigmoid(x), also called Swish.</summary>
    Silu,
}

/// <summary>Applies an <see cref="ActivationFunction"/>.</summary>
internal static class ActivationFunctions
{
    /// <summary>Applies the function to every value, in place.</summary>
    public static void Apply(this ActivationFunction function, Span<float> values)
    {
        switch (function)
        {
            case ActivationFunction.Gelu:
                Gelu.Exact(values, values);
                break;
            case ActivationFunction.GeluTanh:
                Gelu.Tanh(values, values);
                break;
            case ActivationFunction.Relu:
                Relu.Compute(values, values);
                break;
            case ActivationFunction.Silu:
                Silu.Compute(values, values);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(function), function, "Unknown activation function.");
        }
    }

    /// <summary>Applies the function to a matrix in place, split over the threads.</summary>
    public static void Apply(this ActivationFunction function, MatrixSpan values, WorkerPool workers) =>
        workers.Run(new Region { Function = function, Values = values }, values.Rows);

    private ref struct Region : IParallelWork
    {
        public ActivationFunction Function;
        public MatrixSpan Values;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int row = start; row < end; row++)
                Function.Apply(Values[row]);
        }
    }
}
