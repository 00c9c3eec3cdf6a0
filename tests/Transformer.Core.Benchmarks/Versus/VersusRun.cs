namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Load both engines, see that they compute the same, time them in turn, then look at each alone.</summary>
/// <param name="Check">How far their logits are apart.</param>
/// <param name="Report">What was measured; null where the check failed.</param>
internal sealed record VersusRun(LogitCheck Check, VersusReport? Report)
{
    private const int CheckedTokens = 16;
    private const int Starts = 5;

    public static VersusRun Of(VersusSettings settings)
    {
        Prompt prompt = Prompt.Draw(settings.Prefill, settings.Fill, settings.Decode, settings.Vocabulary);
        Prompt check = Prompt.Draw(Math.Min(CheckedTokens, settings.Capacity - 1), 0, 1, settings.Vocabulary);
        bool flash = settings.Flash == "on";
        QuietMachine machine = new(TimeSpan.FromSeconds(settings.Patience));
        using OurEngine ours = new(settings);
        using LlamaEngine llama = new(settings, flash);
        Console.Error.WriteLine($"[llama.cpp: {LlamaLibrary.Describe()}]");

        LogitCheck compared = LogitCheck.Run(ours, llama, check.Prefill, check.Decode[0]);
        Console.Error.WriteLine($"[logits: {compared.Prompt:G3} and {compared.Next:G3} of the largest, {compared.Largest:G3}]");
        if (!compared.Passed)
            return new VersusRun(compared, null);

        if (settings.Flash == "auto")
            flash = FasterWithFlash(llama, prompt, machine);
        double multiplyAdds = machine.Undisturbed(() => Ceilings.FusedMultiplyAdd(settings.Threads));
        Pairs pairs = Pairs.Run(ours, llama, prompt, settings, machine);
        OneEngine[] alone = Alone(settings, flash, machine);
        return new VersusRun(compared, VersusReport.Of(settings, compared, flash, pairs, multiplyAdds, alone));
    }

    /// <summary>Leaves the engine with the setting that took less time, after a turn to warm up.</summary>
    private static bool FasterWithFlash(LlamaEngine llama, Prompt prompt, QuietMachine machine)
    {
        machine.Wait();
        Turn.Run(llama, prompt);
        Turn without = machine.Undisturbed(() => Turn.Run(llama, prompt));
        llama.UseFlashAttention(true);
        Turn with = machine.Undisturbed(() => Turn.Run(llama, prompt));
        Console.Error.WriteLine($"[flash attention off, on: prefill {without.Prefill:F1}, {with.Prefill:F1}, decode {without.Decode:F1}, {with.Decode:F1} tokens/s]");
        bool faster = with.Seconds(prompt) < without.Seconds(prompt);
        if (!faster)
            llama.UseFlashAttention(false);
        return faster;
    }

    /// <summary>Each engine in processes of its own: one turn for the peak of memory, and starts in turn, of which the median counts.</summary>
    private static OneEngine[] Alone(VersusSettings settings, bool flash, QuietMachine machine)
    {
        string[] engines = ["ours", "llama"];
        OneEngine[] turns = [.. engines.Select(engine => Spawn(engine, settings))];
        VersusSettings start = settings with { Prefill = CheckedTokens, Depth = CheckedTokens, Decode = 1 };
        OneEngine[][] starts = [.. Enumerable.Range(0, Starts).Select(_ => (OneEngine[])[.. engines.Select(engine => Spawn(engine, start))])];
        return [.. turns.Select((turn, i) => turn with { FirstTokenSeconds = starts.Select(pair => pair[i].FirstTokenSeconds).Order().ElementAt(Starts / 2) })];

        OneEngine Spawn(string engine, VersusSettings what)
        {
            machine.Wait();
            return OneEngine.Spawn(engine, what, flash);
        }
    }
}
