using System.Diagnostics;
using System.Globalization;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>How many processors other processes kept busy meanwhile: a pair that shared its cores tells nothing.</summary>
internal sealed class OtherLoad
{
    private const double TicksPerSecond = 100;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double? _all = BusySeconds();
    private readonly double _own = OwnSeconds();

    /// <summary>Processors since this object was made, stolen ones included; NaN where the system does not tell.</summary>
    public double Processors => BusySeconds() - _all is { } all
        ? Math.Max(0, all - (OwnSeconds() - _own)) / Stopwatch.GetElapsedTime(_start).TotalSeconds
        : double.NaN;

    private static double OwnSeconds()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>User, nice, system, interrupts and stolen time of all processors: <c>man 5 proc_stat</c>.</summary>
    private static double? BusySeconds()
    {
        if (!File.Exists("/proc/stat"))
            return null;
        double[] fields = [.. File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(field => double.Parse(field, CultureInfo.InvariantCulture))];
        return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7]) / TicksPerSecond;
    }
}
