using BenchmarkDotNet.Attributes;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>Activations of one panel's tokens to integers, on one thread: as rows (decode) and as panels (prefill), beside rounding value by value.</summary>
[MemoryDiagnoser]
public unsafe class ActivationQuantization
{
    private const int Tokens = QuantizedPanels.Widest;

    private readonly WorkerPool _one = new(1);
    private readonly Workspace _workspace = new();
    private readonly float[] _x = Values.Row(Tokens * Values.RowLength);

    [Params(8, 16)]
    public int Bits { get; set; }

    private ActivationForm Form => Bits == 8 ? ActivationForm.Int8 : ActivationForm.Int16;

    [GlobalCleanup]
    public void Cleanup()
    {
        _workspace.Dispose();
        _one.Dispose();
    }

    [Benchmark(Baseline = true)]
    public float BlocksScalar()
    {
        using WorkspaceScope scope = _workspace.Scope();
        float last = 0;
        fixed (float* x = _x)
        fixed (byte* quants = _workspace.Bytes(_x.Length * (Bits / 8)))
        {
            for (int i = 0; i < _x.Length; i += BlockQuantizer.Length)
                last = Bits == 8 ? BlockQuantizer.Int8Scalar(x + i, (sbyte*)quants + i) : BlockQuantizer.Int16Scalar(x + i, (short*)quants + i);
        }
        return last;
    }

    [Benchmark]
    public int Rows()
    {
        using WorkspaceScope scope = _workspace.Scope();
        return QuantizedRows.Quantize(new MatrixSpan(_x, Tokens, Values.RowLength), Form, new ComputeContext(_one, _workspace)).Tokens;
    }

    [Benchmark]
    public int Panels()
    {
        using WorkspaceScope scope = _workspace.Scope();
        return QuantizedPanels.Pack(new MatrixSpan(_x, Tokens, Values.RowLength), Form, new ComputeContext(_one, _workspace)).Tokens;
    }
}
