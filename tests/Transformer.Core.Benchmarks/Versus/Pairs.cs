namespace Transformer.Core.Benchmarks.Versus;

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
        if (prompt.Fill.Length > 0)
            engine.Forward(prompt.Fill);
        long middle = GC.GetTotalAllocatedBytes(precise: true);
        foreach (ref readonly int token in prompt.Decode.AsSpan())
            engine.Forward(new ReadOnlySpan<int>(in token));
        long end = GC.GetTotalAllocatedBytes(precise: true);
        return ((middle - start) / (double)(prompt.Prefill.Length + prompt.Fill.Length), (end - middle) / (double)prompt.Decode.Length);
    }
}
