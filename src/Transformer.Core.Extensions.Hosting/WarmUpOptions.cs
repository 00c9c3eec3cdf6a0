namespace Transformer.Core.Extensions.Hosting;

/// <summary>When a host loads its model.</summary>
public enum WarmUpMode
{
    /// <summary>When it is first asked for: the first request waits.</summary>
    Off,

    /// <summary>While the host already runs; the health check tells when it is ready.</summary>
    InBackground,

    /// <summary>Before any other service starts: a host that started has its model, and a model that cannot be loaded stops the start.</summary>
    BeforeStart,
}

/// <summary>What a host does with its model before the first request.</summary>
public sealed class WarmUpOptions
{
    /// <summary>When the model is loaded. Default: <see cref="WarmUpMode.BeforeStart"/>.</summary>
    public WarmUpMode Mode { get; set; } = WarmUpMode.BeforeStart;

    /// <summary>Whether the files of <see cref="TransformerOptions.Path"/> are read once first, so that prompts need not wait for the disk.</summary>
    public bool ReadAhead { get; set; }

    /// <summary>Tokens of the pass that compiles the kernels, 0 (no pass) to 4096. Default: 16.</summary>
    public int PassTokens { get; set; } = 16;
}
