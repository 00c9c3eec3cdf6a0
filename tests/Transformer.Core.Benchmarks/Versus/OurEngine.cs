namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Transformer.Core.</summary>
internal sealed class OurEngine : IEngine
{
    private readonly DecoderSession _session;

    public OurEngine(string path, int threads, int capacity)
    {
        TransformerModel model = TransformerBuilder.FromGguf(path).WithThreads(threads).Build();
        _session = model.CreateSession(capacity);
    }

    public int Capacity => _session.Capacity;

    public void Clear() => _session.Truncate(0);

    public ReadOnlySpan<float> Forward(ReadOnlySpan<int> tokens) => _session.Forward(tokens);

    public void Dispose() => _session.Dispose();
}
