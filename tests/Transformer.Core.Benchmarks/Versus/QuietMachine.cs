namespace Transformer.Core.Benchmarks.Versus;

/// <summary>
/// Waits for other processes to leave the processors alone. llama.cpp's threads meet at spinning barriers, so that one
/// busy neighbour makes it up to thirty times slower, and us two times: a disturbed pair flatters us and must not count.
/// </summary>
/// <param name="patience">How long it waits in all.</param>
internal sealed class QuietMachine(TimeSpan patience)
{
    /// <summary>Processors that others may keep busy in a pair that counts.</summary>
    public const double Limit = 0.05;

    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(500);
    private TimeSpan _left = patience;

    /// <summary>True while there is patience left.</summary>
    public bool HasPatience => _left > TimeSpan.Zero;

    /// <summary>False if others had more than their share since <paramref name="load"/> was made.</summary>
    public static bool Accepts(double load) => !(load > Limit);

    /// <summary>Returns when the machine is quiet, or the patience is gone.</summary>
    public void Wait()
    {
        while (HasPatience)
        {
            OtherLoad load = new();
            Thread.Sleep(Sample);
            if (Accepts(load.Processors))
                return;
            _left -= Sample;
        }
    }

    /// <summary>Does something again until nobody disturbed it, or the patience is gone.</summary>
    public T Undisturbed<T>(Func<T> work)
    {
        while (true)
        {
            Wait();
            OtherLoad load = new();
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            T result = work();
            if (Accepts(load.Processors) || !HasPatience)
                return result;
            _left -= System.Diagnostics.Stopwatch.GetElapsedTime(start);
        }
    }
}
