using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>Softmax, norms, activation functions and rotary positions over one row.</summary>
/// <remarks>Softmax and Rope replace their row, call after call: neither a constant nor a turned row takes them another way.</remarks>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class ElementwiseKernels
{
    private const float Epsilon = 1e-5f;

    private readonly float[] _x = Values.Row();
    private readonly float[] _y = new float[Values.RowLength];
    private readonly float[] _scores = Values.Row();
    private readonly float[] _vector = Values.Row();
    private readonly float[] _weight = Values.Row();
    private readonly float[] _bias = Values.Row();
    private readonly float[] _cos = [.. Enumerable.Range(0, Values.RowLength / 2).Select(i => MathF.Cos(i))];
    private readonly float[] _sin = [.. Enumerable.Range(0, Values.RowLength / 2).Select(i => MathF.Sin(i))];

    [Benchmark(Baseline = true), BenchmarkCategory("Softmax")]
    public void SoftmaxScalar() => Softmax.Scalar(_scores);

    [Benchmark, BenchmarkCategory("Softmax")]
    public void SoftmaxVector() => Softmax.Compute(_scores);

    [Benchmark(Baseline = true), BenchmarkCategory("RmsNorm")]
    public void RmsNormScalar() => RmsNorm.Scalar(_x, _weight, Epsilon, _y);

    [Benchmark, BenchmarkCategory("RmsNorm")]
    public void RmsNormVector() => RmsNorm.Compute(_x, _weight, Epsilon, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("LayerNorm")]
    public void LayerNormScalar() => LayerNorm.Scalar(_x, _weight, _bias, Epsilon, _y);

    [Benchmark, BenchmarkCategory("LayerNorm")]
    public void LayerNormVector() => LayerNorm.Compute(_x, _weight, _bias, Epsilon, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("Silu")]
    public void SiluScalar() => Silu.Scalar(_x, _y);

    [Benchmark, BenchmarkCategory("Silu")]
    public void SiluVector() => Silu.Compute(_x, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("Gelu, exact")]
    public void GeluExactScalar() => Gelu.ExactScalar(_x, _y);

    [Benchmark, BenchmarkCategory("Gelu, exact")]
    public void GeluExactVector() => Gelu.Exact(_x, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("Gelu, tanh")]
    public void GeluTanhScalar() => Gelu.TanhScalar(_x, _y);

    [Benchmark, BenchmarkCategory("Gelu, tanh")]
    public void GeluTanhVector() => Gelu.Tanh(_x, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("Exp")]
    public void ExpScalar() => Exp.Scalar(_x, _y);

    [Benchmark, BenchmarkCategory("Exp")]
    public void ExpVector() => Exp.Compute(_x, _y);

    [Benchmark(Baseline = true), BenchmarkCategory("Rope, interleaved")]
    public void RopeInterleavedScalar() => Rope.Scalar(_vector, _cos, _sin, RopePairing.Interleaved);

    [Benchmark, BenchmarkCategory("Rope, interleaved")]
    public void RopeInterleavedVector() => Rope.Rotate(_vector, _cos, _sin, RopePairing.Interleaved);

    [Benchmark(Baseline = true), BenchmarkCategory("Rope, half split")]
    public void RopeHalfSplitScalar() => Rope.Scalar(_vector, _cos, _sin, RopePairing.HalfSplit);

    [Benchmark, BenchmarkCategory("Rope, half split")]
    public void RopeHalfSplitVector() => Rope.Rotate(_vector, _cos, _sin, RopePairing.HalfSplit);
}
