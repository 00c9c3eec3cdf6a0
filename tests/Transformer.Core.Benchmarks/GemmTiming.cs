using System.Diagnostics;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Benchmarks;

/// <summary>Linear maps of real shapes by themselves: prefill (many tokens) and decode (one).</summary>
internal static class GemmTiming
{
    private static readonly (int Inputs, int Outputs)[] Shapes = [(896, 4864), (4864, 896), (2048, 8192), (8192, 2048)];

    public static void Run(int threads, int tokens, string[] formats)
    {
        using WorkerPool workers = new(threads);
        using Workspace workspace = new();
        ComputeContext compute = new(workers, workspace);
        Console.WriteLine($"{threads} threads, {tokens} tokens; read {Ceilings.ReadBandwidth(threads) / 1e9:F1} GB/s, FMA {Ceilings.FusedMultiplyAdd(threads) / 1e9:F0} GFLOP/s");
        foreach (WeightFormat format in WeightFormat.All.Where(format => formats.Contains(format.Name, StringComparer.OrdinalIgnoreCase)))
        {
            foreach ((int inputs, int outputs) in Shapes)
            {
                // Several matrices in turn, so that decode reads memory and not the cache.
                int copies = tokens == 1 ? (int)Math.Max(1, 400_000_000 / format.BytesFor((long)inputs * outputs)) : 2;
                Tensor tensor = new RandomWeights(1, format).Find("m", new TensorShape(outputs, inputs))!;
                TensorMemory memory = tensor.Open();
                Linear[][] linears = [.. new[] { null, new Interleaver(workers, all: true) }.Select(interleaver => (Linear[])[.. Enumerable.Range(0, copies).Select(_ => new Linear([WeightMatrix.Create(tensor, Copy(memory), interleaver)]))])];
                if (linears[1][0].Parts[0].GetType() == linears[0][0].Parts[0].GetType())
                    linears = [linears[0]];
                using WorkspaceScope scope = workspace.Scope();
                MatrixSpan x = workspace.Matrix(tokens, inputs);
                MatrixSpan y = workspace.Matrix(tokens, outputs);
                for (int i = 0; i < x.Data.Length; i++)
                    x.Data[i] = MathF.Sin(i);
                List<double>[] times = [.. linears.Select(_ => new List<double>())];
                for (int repetition = 0; repetition < 7; repetition++)
                {
                    for (int form = 0; form < linears.Length; form++)
                    {
                        long start = Stopwatch.GetTimestamp();
                        foreach (Linear linear in linears[form])
                            linear.Forward(x, y, compute);
                        times[form].Add(Stopwatch.GetElapsedTime(start).TotalSeconds / copies);
                    }
                }
                for (int form = 0; form < linears.Length; form++)
                {
                    times[form].Sort();
                    double time = times[form][times[form].Count / 2];
                    Console.WriteLine($"{format.Name,-5} {(form == 0 ? "in place   " : "interleaved")} {inputs,5} -> {outputs,5}: {time * 1e3,9:F3} ms {2.0 * inputs * outputs * tokens / time / 1e9,8:F1} GFLOP/s {format.BytesFor((long)inputs * outputs) / time / 1e9,7:F1} GB/s");
                }
            }
        }
    }

    private static TensorMemory Copy(TensorMemory memory)
    {
        TensorMemory copy = TensorMemory.Allocate(memory.Length, out Span<byte> bytes);
        memory.Slice(0, bytes.Length).CopyTo(bytes);
        return copy;
    }
}
