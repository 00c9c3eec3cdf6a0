namespace Transformer.Core.Benchmarks.Versus;

/// <summary>One turn of each engine, and what the machine gave meanwhile.</summary>
/// <param name="Bandwidth">The read ceiling just before, bytes a second.</param>
/// <param name="OtherLoad">Processors that other processes kept busy.</param>
internal sealed record Pair(Turn Ours, Turn Llama, double Bandwidth, double OtherLoad)
{
    /// <summary>True if nobody disturbed it.</summary>
    public bool IsQuiet => QuietMachine.Accepts(OtherLoad);

    public override string ToString() =>
        $"prefill {Ours.Prefill:F1} against {Llama.Prefill:F1}, decode {Ours.Decode:F1} against {Llama.Decode:F1} tokens/s, read {Bandwidth / 1e9:F1} GB/s, others {OtherLoad:F2} processors";
}
