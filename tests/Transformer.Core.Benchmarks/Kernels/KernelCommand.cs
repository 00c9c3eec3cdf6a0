using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Transformer.Core.Benchmarks.Kernels;

/// <summary>Single kernels under BenchmarkDotNet, each beside its scalar reference; takes BenchmarkDotNet's own options.</summary>
internal static class KernelCommand
{
    public static Command Create()
    {
        Command command = new("kernels", "Single kernels beside their scalar references. Options are BenchmarkDotNet's: --filter \"*Softmax*\", --list flat, ...")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(result => Run([.. result.UnmatchedTokens]));
        return command;
    }

    private static int Run(string[] options)
    {
        // Without a choice, the switcher would ask for one.
        if (options.Length == 0)
            options = ["--filter", "*"];

        // In this process: BenchmarkDotNet builds no child project, which knows nothing of this build's artifacts path.
        Job job = Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(100)).WithIterationCount(5);
        IConfig config = DefaultConfig.Instance.AddJob(job).WithSummaryStyle(SummaryStyle.Default.WithRatioStyle(RatioStyle.Trend));
        bool failed = BenchmarkSwitcher.FromAssembly(typeof(KernelCommand).Assembly).Run(options, config)
            .Any(summary => summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success));
        return failed ? 1 : 0;
    }
}
