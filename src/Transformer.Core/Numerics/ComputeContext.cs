namespace Transformer.Core.Numerics;

/// <summary>What a computation may use: threads and scratch memory.</summary>
/// <param name="workers">Threads to split a region over.</param>
/// <param name="workspace">Scratch memory of the calling thread.</param>
public readonly struct ComputeContext(WorkerPool workers, Workspace workspace)
{
    /// <summary>Threads to split a region over.</summary>
    public WorkerPool Workers { get; } = workers;

    /// <summary>Scratch memory of the calling thread.</summary>
    public Workspace Workspace { get; } = workspace;
}
