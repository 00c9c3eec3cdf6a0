using System.Diagnostics;

namespace Transformer.Core.Tool;

/// <summary>Medians over the runs of a <see cref="Benchmark"/>.</summary>
internal sealed record BenchmarkResult(double PrefillTokensPerSecond, double DecodeTokensPerSecond, double AllocatedBytesPerToken);

/// <summary>Times prefill and decode with tokens drawn beforehand, so that nothing but the model is measured.</summary>
internal sealed class Benchmark
{
    private readonly TransformerModel _model;
    private readonly int[] _prompt;
    private readonly int[] _following;

    public Benchmark(TransformerModel model, int prefill, int decode)
    {
        _model = model;
        Random random = new(1);
        _prompt = Draw(prefill);
        _following = Draw(decode);

        int[] Draw(int count)
        {
            int[] tokens = new int[count];
            for (int i = 0; i < count; i++)
                tokens[i] = random.Next(model.VocabSize);
            return tokens;
        }
    }

    public BenchmarkResult Run(int runs, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // The first run pays for compiling the code and for reading the weights from disk; nobody waits for that twice.
        RunOnce(cancellationToken);
        List<BenchmarkResult> results = [];
        for (int i = 0; i < runs; i++)
        {
            results.Add(RunOnce(cancellationToken));
            progress?.Report((i + 1.0) / runs);
        }
        return new BenchmarkResult(
            Median(results.Select(result => result.PrefillTokensPerSecond)),
            Median(results.Select(result => result.DecodeTokensPerSecond)),
            Median(results.Select(result => result.AllocatedBytesPerToken)));
    }

    private BenchmarkResult RunOnce(CancellationToken cancellationToken)
    {
        using DecoderSession session = _model.CreateSession(_prompt.Length + _following.Length);
        long start = Stopwatch.GetTimestamp();
        session.Forward(_prompt, cancellationToken);
        double prefillSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        start = Stopwatch.GetTimestamp();
        foreach (int token in _following)
        {
            session.Forward(token);
            cancellationToken.ThrowIfCancellationRequested();
        }
        double decodeSeconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return new BenchmarkResult(_prompt.Length / prefillSeconds, _following.Length / decodeSeconds, allocated / (double)_following.Length);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
