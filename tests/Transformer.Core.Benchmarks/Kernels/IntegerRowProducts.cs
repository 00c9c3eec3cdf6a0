using BenchmarkDotNet.Attributes;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>The formats whose rows are multiplied as integers, with activations already quantized; beside the same in floats and value by value.</summary>
[MemoryDiagnoser]
public class IntegerRowProducts
{
    private readonly float[] _x = Values.Row();
    private StoredRow? _row;

    [ParamsSource(nameof(Formats))]
    public WeightFormat Format { get; set; } = WeightFormat.Q8_0;

    public static IEnumerable<WeightFormat> Formats => WeightFormat.All.Where(StoredRow.HasIntegers);

    [GlobalSetup]
    public void Setup() => _row = StoredRow.Create(Format, _x);

    [GlobalCleanup]
    public void Cleanup() => _row?.Dispose();

    [Benchmark(Baseline = true)]
    public float DotScalar() => _row!.Scalar(_x);

    [Benchmark]
    public float DotVector() => _row!.Floats(_x);

    [Benchmark]
    public float DotIntegers() => _row!.Integers();
}
