using BenchmarkDotNet.Attributes;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>One stored row of each weight format times a row of floats, beside decoding and multiplying value by value.</summary>
[MemoryDiagnoser]
public class RowProducts
{
    private readonly float[] _x = Values.Row();
    private StoredRow? _row;

    [ParamsSource(nameof(Formats))]
    public WeightFormat Format { get; set; } = WeightFormat.Float32;

    public static IEnumerable<WeightFormat> Formats => WeightFormat.All;

    [GlobalSetup]
    public void Setup() => _row = StoredRow.Create(Format, _x);

    [GlobalCleanup]
    public void Cleanup() => _row?.Dispose();

    [Benchmark(Baseline = true)]
    public float DotScalar() => _row!.Scalar(_x);

    [Benchmark]
    public float DotVector() => _row!.Floats(_x);
}
