using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Transformer.Core.Attention;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>What attention does to one page of keys: scores of the query heads that share them, then their softmax.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory, BenchmarkLogicalGroupRule.ByParams)]
public unsafe class AttentionKernels
{
    private const int HeadDim = 128;
    private const int PageTokens = KvPageLayout.Tokens;

    private float[] _queries = [];
    private float[] _keys = [];
    private float[] _scores = [];
    private float[] _weights = [];

    /// <summary>Query heads that share a key head.</summary>
    [Params(1, 4, 8)]
    public int Heads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _queries = Pinned(Heads * FloatGemm.RowStride);
        _keys = Pinned(HeadDim * PageTokens);
        _scores = Pinned(Heads * PageTokens);
        _weights = Pinned(Heads * PageTokens);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("PanelProduct")]
    public void PanelProductScalar() =>
        PanelProduct.Scalar(Start(_queries), Heads, Start(_keys), PageTokens, PageTokens, Start(_scores), PageTokens, HeadDim, first: true);

    [Benchmark, BenchmarkCategory("PanelProduct")]
    public void PanelProductVector() =>
        PanelProduct.Compute(Start(_queries), Heads, Start(_keys), PageTokens, PageTokens, Start(_scores), PageTokens, HeadDim, first: true);

    [Benchmark(Baseline = true), BenchmarkCategory("OnlineSoftmax")]
    public float OnlineSoftmaxScalar()
    {
        float sum = 0;
        for (int head = 0; head < Heads; head++)
        {
            float largest = float.NegativeInfinity, total = 0;
            OnlineSoftmax.Scalar(_weights.AsSpan(head * PageTokens, PageTokens), ref largest, ref total);
            sum += total;
        }
        return sum;
    }

    [Benchmark, BenchmarkCategory("OnlineSoftmax")]
    public float OnlineSoftmaxVector()
    {
        float sum = 0;
        for (int head = 0; head < Heads; head++)
        {
            float largest = float.NegativeInfinity, total = 0;
            OnlineSoftmax.Advance(_weights.AsSpan(head * PageTokens, PageTokens), ref largest, ref total);
            sum += total;
        }
        return sum;
    }

    private static float[] Pinned(int length)
    {
        float[] values = GC.AllocateUninitializedArray<float>(length, pinned: true);
        Values.Row(length).CopyTo(values, 0);
        return values;
    }

    private static float* Start(float[] pinned) => (float*)Unsafe.AsPointer(ref pinned[0]);
}
