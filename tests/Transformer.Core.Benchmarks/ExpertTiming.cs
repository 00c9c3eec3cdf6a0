using System.Diagnostics;
using Transformer.Core.Benchmarks.Versus;
using Transformer.Core.FeedForward;
using Transformer.Core.Normalization;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Positions;
using Transformer.Core.Weights;

namespace Transformer.Core.Benchmarks;

/// <summary>A model of 64 experts with 6 active beside a dense one that reads as many bytes for a token.</summary>
internal static class ExpertTiming
{
    private const int Layers = 8;
    private const int Hidden = 2048;
    private const int Width = 1536;
    private const int Experts = 64;
    private const int Active = 6;

    public static void Run(int threads, int prompt, string name)
    {
        WeightFormat format = WeightFormat.All.First(known => string.Equals(known.Name, name, StringComparison.OrdinalIgnoreCase));
        using DecoderSession experts = Model(format, threads, c => new MixtureOfExperts(c, new TopKRouter(c, Experts, Active, normalize: true), Width)).CreateSession(1024);
        using DecoderSession dense = Model(format, threads, c => new GatedMlp(c, intermediateSize: Active * Width)).CreateSession(1024);
        List<double> decodeExperts = [], decodeDense = [], prefillExperts = [], prefillDense = [];
        for (int turn = 0; turn < 8; turn++)
        {
            // The first turn warms up.
            (double prefill, double decode) = Time(experts, prompt);
            (double densePrefill, double denseDecode) = Time(dense, prompt);
            if (turn == 0)
                continue;
            prefillExperts.Add(prefill);
            decodeExperts.Add(decode);
            prefillDense.Add(densePrefill);
            decodeDense.Add(denseDecode);
        }
        Comparison decodes = Comparison.Of(decodeExperts, decodeDense), prefills = Comparison.Of(prefillExperts, prefillDense);
        Console.WriteLine($"{name}, {threads} threads: {Experts} experts of which {Active}, beside a dense feed-forward of the same active bytes");
        Console.WriteLine($"decode {decodes.Ours:F1} and {decodes.Llama:F1} tokens/s, ratio {decodes.PairedRatio:F3}; prefill of {prompt} {prefills.Ours:F1} and {prefills.Llama:F1}, ratio {prefills.PairedRatio:F3}");
    }

    private static TransformerModel Model(WeightFormat format, int threads, Func<ComponentContext, IFeedForward> feedForward) => new TransformerBuilder()
        .WithVocabulary(1000)
        .WithContextLength(1024)
        .WithHiddenSize(Hidden)
        .WithLayers(Layers)
        .WithHeads(16, 4)
        .WithDropout(0)
        .WithPositions(c => new RotaryPositions(c.HeadDim))
        .WithBlockLayout(BlockLayout.PreNorm)
        .WithNormalization(c => new RmsNormalization(c))
        .WithFeedForward(feedForward)
        .WithWeights(new RepeatedRows(format))
        .WithThreads(threads)
        .Build();

    private static (double Prefill, double Decode) Time(DecoderSession session, int prompt)
    {
        const int decoded = 32;
        session.Truncate(0);
        int[] tokens = [.. Enumerable.Range(0, prompt).Select(i => i * 7919 % 1000)];
        long start = Stopwatch.GetTimestamp();
        session.Forward(tokens);
        double prefill = prompt / Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < decoded; i++)
            session.Forward(i * 104729 % 1000);
        return (prefill, decoded / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Matrices whose rows repeat after 64: made quickly, and each has memory of its own.</summary>
    private sealed class RepeatedRows(WeightFormat format) : IWeightSource
    {
        private const int Period = 64;

        public string Origin => "repeated rows";

        public IEnumerable<string> Names => [];

        public bool Contains(string name) => false;

        public Tensor? Find(string name, TensorShape shape)
        {
            WeightFormat stored = shape.Rows == 1 || shape.Columns % format.BlockLength != 0 ? WeightFormat.Float32 : format;
            return new Tensor(name, shape, stored, Origin, () =>
            {
                using RandomWeights random = new(1);
                float[] values = random.Find(name, shape with { Rows = Math.Min(shape.Rows, Period), Count = 1 })!.ToArray();
                int rowBytes = (int)stored.BytesFor(shape.Columns);
                byte[] rows = new byte[values.Length / shape.Columns * rowBytes];
                stored.Encode(values, rows);
                return TensorMemory.FromRows((long)shape.Rows * shape.Count, rowBytes, (row, bytes) => rows.AsSpan((int)(row * rowBytes % rows.Length), rowBytes).CopyTo(bytes));
            });
        }

        public void Dispose()
        {
        }
    }
}
