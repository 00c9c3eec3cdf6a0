using Transformer.Core.Parity.Support;

namespace Transformer.Core.Parity.Families;

/// <summary>Windows that config.json asks for and llama.cpp does not know: seen from where they begin to matter.</summary>
public sealed class WindowTests
{
    private const int Window = 9;

    [Theory]
    [InlineData("mistral", true)]
    [InlineData("phi3", true)]
    [InlineData("qwen2", true, "use_sliding_window", "max_window_layers:1")]
    [InlineData("qwen2", false, "use_sliding_window", "max_window_layers:3")]
    [InlineData("qwen2", false, "max_window_layers:1")]
    [InlineData("qwen3", true, "use_sliding_window", "max_window_layers:2")]
    [InlineData("smollm3", true, "use_sliding_window")]
    [InlineData("smollm3", false)]
    public void A_window_changes_only_what_lies_beyond_it(string name, bool windowed, params string[] settings)
    {
        Family family = FamilyTable.Find(name);
        Dictionary<string, object?> config = new(family.Config) { ["sliding_window"] = Window };
        foreach (string setting in settings)
            config[setting.Split(':')[0]] = setting.Contains(':', StringComparison.Ordinal) ? int.Parse(setting.Split(':')[1]) : true;
        float[][] with = Compute(family with { Config = config });
        float[][] without = Compute(family with { Config = new(family.Config) { ["sliding_window"] = null } });

        Logits.Difference(with[..Window], without[..Window]).Should().BeLessThan(1e-6);
        double beyond = Logits.Difference(with[Window..], without[Window..]);
        if (windowed)
            beyond.Should().BeGreaterThan(1e-2);
        else
            beyond.Should().BeLessThan(1e-6);
    }

    private static float[][] Compute(Family family)
    {
        using TemporaryFolder folder = new();
        return FamilyRun.Open(family.WriteFolder(folder), family).Prefill(FamilyRun.PromptOf(family));
    }
}
