namespace Transformer.Core.Benchmarks.Versus;

/// <summary>An engine with a model loaded and one sequence.</summary>
internal interface IEngine : IDisposable
{
    /// <summary>Most tokens of a sequence.</summary>
    int Capacity { get; }

    /// <summary>Empties the sequence.</summary>
    void Clear();

    /// <summary>Adds tokens; gives the logits after the last one, valid until the next call.</summary>
    ReadOnlySpan<float> Forward(ReadOnlySpan<int> tokens);
}
