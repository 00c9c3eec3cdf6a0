using System.CommandLine;
using System.Diagnostics;

namespace Transformer.Core.Benchmarks;

/// <summary>How one model's speed grows with the number of sessions in a pass and with the context behind a token, and how the article's model grows with its layers.</summary>
internal static class ScalingTiming
{
    private static readonly Option<int> Threads = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount };

    public static Command Scaling()
    {
        Argument<string> file = new("FILE") { Description = "A GGUF file." };
        Option<int[]> contexts = new("--contexts") { DefaultValueFactory = _ => [0, 512, 2048, 4096, 8192], AllowMultipleArgumentsPerToken = true };
        Option<int[]> batches = new("--batches") { DefaultValueFactory = _ => [1, 2, 4, 8, 16], AllowMultipleArgumentsPerToken = true };
        Command command = new("scaling", "Decode rates by sessions in one pass and by context.");
        command.Arguments.Add(file);
        command.Options.Add(Threads);
        command.Options.Add(contexts);
        command.Options.Add(batches);
        command.SetAction(result =>
        {
            int threads = result.GetValue(Threads);
            TransformerModel model = TransformerBuilder.FromGguf(result.GetValue(file)!).WithThreads(threads).Build();
            Console.WriteLine($"{result.GetValue(file)}; {threads} threads; read {Ceilings.ReadBandwidth(threads) / 1e9:F1} GB/s");

            // In turn, several times: the host's memory has good and bad minutes.
            int[] sizes = result.GetValue(batches)!;
            double[][] rounds = [.. Enumerable.Range(0, 5).Select(_ => sizes.Select(batch => Batch(model, batch)).ToArray())];
            for (int i = 0; i < sizes.Length; i++)
                Console.WriteLine($"{sizes[i],3} sessions in one pass: {Median(rounds.Select(round => round[i])),8:F1} tokens/s, {Median(rounds.Select(round => round[i] / round[0])):F2} times the first");
            foreach (int context in result.GetValue(contexts)!.Where(context => context + 40 <= model.ContextLength))
                Console.WriteLine($"behind {context,5} tokens: {Decode(model, context, 32),8:F1} tokens/s");
        });
        return command;
    }

    public static Command Article()
    {
        Option<int[]> layers = new("--layers") { DefaultValueFactory = _ => [12, 24, 61], AllowMultipleArgumentsPerToken = true };
        Option<string> folder = new("--folder") { DefaultValueFactory = _ => "tests/Transformer.Core.Benchmarks/models" };
        Command command = new("article", "The article's model at full width, Q4_0: written as a stream, then decoded.");
        command.Options.Add(layers);
        command.Options.Add(folder);
        command.Options.Add(Threads);
        command.SetAction(result =>
        {
            int threads = result.GetValue(Threads);
            foreach (int count in result.GetValue(layers)!)
            {
                long begun = Stopwatch.GetTimestamp();
                string path = ArticleModelFile.Ensure(result.GetValue(folder)!, count);
                double written = Stopwatch.GetElapsedTime(begun).TotalSeconds;
                TransformerModel model = TransformerBuilder.FromGguf(path).WithThreads(threads).Build();
                double prefill = Prefill(model, 64);
                double rate = Decode(model, 8, 24);
                double bandwidth = Ceilings.ReadBandwidth(threads);
                long bytes = new FileInfo(path).Length;
                Console.WriteLine($"{count} layers, {bytes / 1e9:F2} GB ({written:F0} s to write), {threads} threads: prefill of 64 {prefill:F1} tokens/s; decode {rate:F2} tokens/s, {bytes * rate / 1e9:F1} of {bandwidth / 1e9:F1} GB/s = {bytes * rate / bandwidth:P0}");
            }
        });
        return command;
    }

    private static double Prefill(TransformerModel model, int tokens)
    {
        double best = double.MaxValue;
        for (int repetition = 0; repetition < 3; repetition++)
        {
            using DecoderSession session = model.CreateSession(tokens);
            long start = Stopwatch.GetTimestamp();
            session.Forward(Prompt(model, tokens));
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return tokens / best;
    }

    /// <summary>The median rate of single tokens behind a context.</summary>
    private static double Decode(TransformerModel model, int context, int tokens)
    {
        using DecoderSession session = model.CreateSession(context + tokens + 8);
        session.Forward(Prompt(model, Math.Max(context, 1)));
        for (int i = 0; i < 4; i++)
            session.Forward(i);
        List<double> times = [];
        for (int i = 0; i < tokens; i++)
        {
            long start = Stopwatch.GetTimestamp();
            session.Forward(i % model.VocabSize);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        times.Sort();
        return 1 / times[tokens / 2];
    }

    /// <summary>The median rate of passes of one token for each of some sessions, in tokens.</summary>
    private static double Batch(TransformerModel model, int sessions)
    {
        DecoderSession[] all = [.. Enumerable.Range(0, sessions).Select(_ => model.CreateSession(64))];
        using SessionBatch batch = new(model);
        List<double> times = [];
        long begun = Stopwatch.GetTimestamp();
        while (times.Count < 24)
        {
            if (all[0].Length == all[0].Capacity)
                foreach (DecoderSession session in all)
                    session.Truncate(0);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < sessions; i++)
                batch.Add(all[i], [(times.Count + i) % model.VocabSize]);
            batch.Forward();

            // The runtime compiles what runs often a second time; that should be over.
            if (Stopwatch.GetElapsedTime(begun).TotalSeconds > 0.7)
                times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        foreach (DecoderSession session in all)
            session.Dispose();
        times.Sort();
        return sessions / times[times.Count / 2];
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static int[] Prompt(TransformerModel model, int tokens) => [.. Enumerable.Range(0, tokens).Select(i => i * 7919 % model.VocabSize)];
}
