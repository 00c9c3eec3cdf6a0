using System.Diagnostics;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>One engine's turn, in tokens a second.</summary>
/// <param name="Prefill">A prompt into an empty context.</param>
/// <param name="Decode">Tokens one by one behind it.</param>
internal sealed record Turn(double Prefill, double Decode)
{
    /// <summary>Seconds for both, of so many tokens each.</summary>
    public double Seconds(Prompt prompt) => (prompt.Prefill.Length / Prefill) + (prompt.Decode.Length / Decode);

    public static Turn Run(IEngine engine, Prompt prompt)
    {
        engine.Clear();
        long start = Stopwatch.GetTimestamp();
        engine.Forward(prompt.Prefill);
        double prefill = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (prompt.Fill.Length > 0)
            engine.Forward(prompt.Fill);
        start = Stopwatch.GetTimestamp();
        foreach (ref readonly int token in prompt.Decode.AsSpan())
            engine.Forward(new ReadOnlySpan<int>(in token));
        double decode = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Turn(prompt.Prefill.Length / prefill, prompt.Decode.Length / decode);
    }
}
