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

/// <summary>Both engines in turn, A B A B.</summary>
/// <param name="All">The pairs that count.</param>
/// <param name="Disturbed">Pairs that were measured again because other processes took part of the processors.</param>
/// <param name="PrefillBytes">Managed bytes that our engine allocated for a token of a prompt.</param>
/// <param name="DecodeBytes">Managed bytes that our engine allocated for a decoded token.</param>
internal sealed record Pairs(List<Pair> All, int Disturbed, double PrefillBytes, double DecodeBytes)
{
    // Either engine's threads spin for a moment after its last product; they must be asleep when the other one starts.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    public static Pairs Run(IEngine ours, IEngine llama, Prompt prompt, VersusSettings settings, QuietMachine machine)
    {
        // The first turn pays for compiling the code and for reading the weights from disk.
        machine.Wait();
        Turn.Run(ours, prompt);
        Thread.Sleep(Rest);
        Turn.Run(llama, prompt);
        (double prefillBytes, double decodeBytes) = Allocated(ours, prompt);

        List<Pair> all = [];
        int disturbed = 0;
        while (all.Count < settings.Pairs)
        {
            machine.Wait();
            Pair pair = Once(ours, llama, prompt, settings.Threads);
            bool counts = pair.IsQuiet || !machine.HasPatience;
            if (counts)
                all.Add(pair);
            else
                disturbed++;
            Console.Error.WriteLine($"[{(counts ? $"pair {all.Count} of {settings.Pairs}" : "disturbed")}: {pair}]");
        }
        return new Pairs(all, disturbed, prefillBytes, decodeBytes);
    }

    private static Pair Once(IEngine ours, IEngine llama, Prompt prompt, int threads)
    {
        Thread.Sleep(Rest);
        OtherLoad others = new();
        double bandwidth = Ceilings.ReadBandwidth(threads, 1L << 29);
        Turn a = Turn.Run(ours, prompt);
        Thread.Sleep(Rest);
        Turn b = Turn.Run(llama, prompt);
        return new Pair(a, b, bandwidth, others.Processors);
    }

    private static (double Prefill, double Decode) Allocated(IEngine engine, Prompt prompt)
    {
        engine.Clear();
        long start = GC.GetTotalAllocatedBytes(precise: true);
        engine.Forward(prompt.Prefill);
        long middle = GC.GetTotalAllocatedBytes(precise: true);
        foreach (ref readonly int token in prompt.Decode.AsSpan())
            engine.Forward(new ReadOnlySpan<int>(in token));
        long end = GC.GetTotalAllocatedBytes(precise: true);
        return ((middle - start) / (double)prompt.Prefill.Length, (end - middle) / (double)prompt.Decode.Length);
    }
}
