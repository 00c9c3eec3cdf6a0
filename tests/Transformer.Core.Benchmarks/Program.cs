using System.CommandLine;
using Transformer.Core.Benchmarks;
using Transformer.Core.Benchmarks.Kernels;
using Transformer.Core.Benchmarks.Versus;

RootCommand root = new("Speed of Transformer.Core, beside the machine's ceilings and beside other engines.");
Command ceilings = new("ceilings", "Read bandwidth, multiply-adds and byte products of this machine.");
ceilings.SetAction(_ =>
{
    Console.WriteLine($"{"",-40} {"1 thread",12} {"2 threads",12}");
    Print("read 1 GiB, GB/s", threads => Ceilings.ReadBandwidth(threads) / 1e9);
    Print("FP32 multiply-add, GFLOP/s", threads => Ceilings.FusedMultiplyAdd(threads) / 1e9);
    Print("vpmaddubsw+vpmaddwd+vpaddd, GOP/s", threads => Ceilings.BytePairs(threads) / 1e9);
    Print("vpdpbusd 256 bit (AVX-VNNI), GOP/s", threads => Ceilings.VnniPairs(threads) / 1e9);
});
root.Subcommands.Add(ceilings);

Command gemm = new("gemm", "Linear maps of real shapes by themselves.");
Option<int> threadCount = new("--threads") { DefaultValueFactory = _ => Environment.ProcessorCount };
Option<int> tokens = new("--tokens") { DefaultValueFactory = _ => 512 };
gemm.Options.Add(threadCount);
gemm.Options.Add(tokens);
Option<string[]> formats = new("--format") { DefaultValueFactory = _ => ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K", "Q6_K"], AllowMultipleArgumentsPerToken = true };
gemm.Options.Add(formats);
gemm.SetAction(result => GemmTiming.Run(result.GetValue(threadCount), result.GetValue(tokens), result.GetValue(formats)!));
root.Subcommands.Add(gemm);

Command attention = new("attention", "Attention of real shapes by itself.");
Option<int> depth = new("--depth") { DefaultValueFactory = _ => 4096 };
Option<int> sessions = new("--sessions") { DefaultValueFactory = _ => 1 };
attention.Options.Add(threadCount);
attention.Options.Add(depth);
attention.Options.Add(sessions);
attention.SetAction(result => AttentionTiming.Run(result.GetValue(threadCount), result.GetValue(depth), result.GetValue(sessions)));
root.Subcommands.Add(attention);
root.Subcommands.Add(ScalingTiming.Scaling());
root.Subcommands.Add(ScalingTiming.Article());

Command experts = new("experts", "A mixture of experts beside a dense model of the same active bytes.");
Option<int> prompt = new("--prefill") { DefaultValueFactory = _ => 256 };
Option<string> format = new("--format") { DefaultValueFactory = _ => "Q4_0" };
experts.Options.Add(threadCount);
experts.Options.Add(prompt);
experts.Options.Add(format);
experts.SetAction(result => ExpertTiming.Run(result.GetValue(threadCount), result.GetValue(prompt), result.GetValue(format)!));
root.Subcommands.Add(experts);
root.Subcommands.Add(VersusCommand.Create());
root.Subcommands.Add(KernelCommand.Create());
return root.Parse(args).Invoke();

static void Print(string what, Func<int, double?> measure) =>
    Console.WriteLine($"{what,-40} {measure(1),12:F1} {measure(2),12:F1}");
