using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Transformer.Core.</summary>
internal sealed class OurEngine : IEngine
{
    private readonly DecoderSession _session;

    public OurEngine(VersusSettings settings)
    {
        TransformerBuilder builder = TransformerBuilder.FromGguf(settings.Path).WithThreads(settings.Threads);
        if (settings.KvCache == "f16")
            builder.WithKvCache(WeightFormat.Float16);
        _session = builder.Build().CreateSession(settings.Capacity);
    }

    public int Capacity => _session.Capacity;

    public void Clear() => _session.Truncate(0);

    public ReadOnlySpan<float> Forward(ReadOnlySpan<int> tokens) => _session.Forward(tokens);

    public void Dispose() => _session.Dispose();
}
