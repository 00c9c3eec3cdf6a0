using System.Diagnostics;

namespace Transformer.Core.Generation;

/// <summary>Several generations from one prompt: the prompt is computed once and forked; each pass then holds a token of each.</summary>
/// <param name="generator">Model and tokenizer.</param>
/// <param name="prompt">The prompt, checked.</param>
/// <param name="count">How many.</param>
/// <param name="options">How, checked.</param>
internal sealed class SampleGroup(TextGenerator generator, int[] prompt, int count, GenerationOptions options)
{
    private readonly List<DecoderSession> _sessions = [];

    /// <summary>Runs all to their ends.</summary>
    public IReadOnlyList<GenerationResult> Run(CancellationToken cancellationToken)
    {
        try
        {
            GenerationRun[] runs = Start(cancellationToken, out TimeSpan time);
            using SessionBatch batch = new(generator.Model);
            while (Array.Exists(runs, run => run.IsRunning))
            {
                foreach (GenerationRun run in runs.Where(run => run.IsRunning))
                    run.Continue(time);
                long start = Stopwatch.GetTimestamp();
                foreach (GenerationRun run in runs.Where(run => run.IsRunning))
                {
                    if (run.Session.Length < run.Session.Capacity)
                        batch.Add(run.Session, [run.Last]);
                    else
                        run.Decode(cancellationToken);
                }
                batch.Forward(cancellationToken);
                time = Stopwatch.GetElapsedTime(start);
            }
            return [.. runs.Select(run => run.Next(cancellationToken).Result!)];
        }
        finally
        {
            foreach (DecoderSession session in _sessions)
                session.Dispose();
        }
    }

    private GenerationRun[] Start(CancellationToken cancellationToken, out TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        GenerationRun[] runs = new GenerationRun[count];
        for (int i = 0; i < count; i++)
        {
            _sessions.Add(i == 0 ? generator.CreateSession(prompt, options) : _sessions[0].Fork());
            runs[i] = generator.Start(_sessions[i], prompt, options with { Seed = options.Seed is { } seed ? unchecked(seed + i) : null });
            if (runs[i].IsRunning)
                runs[i].Prefill(cancellationToken);
        }
        time = Stopwatch.GetElapsedTime(start);
        return runs;
    }
}
