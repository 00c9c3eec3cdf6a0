using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// What a component may know of a forward pass besides its input. The rows of a pass may belong to several
/// sequences: linear layers see all rows at once, attention walks <see cref="Sequences"/>.
/// </summary>
public readonly ref struct ForwardContext
{
    /// <summary>The position of every row in its sequence.</summary>
    public required ReadOnlySpan<int> Positions { get; init; }

    /// <summary>Which rows belong to which sequence.</summary>
    public required ReadOnlySpan<SequenceRows> Sequences { get; init; }

    /// <summary>Threads and scratch memory.</summary>
    public required ComputeContext Compute { get; init; }

    /// <summary>The layer being computed, from 0; -1 outside the layers.</summary>
    public int Layer { get; init; }

    /// <summary>Who watches, or null.</summary>
    public IActivationObserver? Observer { get; init; }

    /// <summary>Seed of Monte Carlo dropout; null in ordinary inference, where dropout does nothing.</summary>
    public ulong? DropoutSeed { get; init; }

    /// <summary>Scratch memory.</summary>
    public Workspace Workspace => Compute.Workspace;

    /// <summary>Threads.</summary>
    public WorkerPool Workers => Compute.Workers;

    /// <summary>This layer's state of a sequence: what its <see cref="IAttentionBlock.CreateState"/> made.</summary>
    /// <param name="sequence">Index in <see cref="Sequences"/>.</param>
    public ISequenceState? State(int sequence) => Sequences[sequence].States[Layer];

    /// <summary>The same pass, in another layer.</summary>
    public ForwardContext InLayer(int layer) => new()
    {
        Positions = Positions,
        Sequences = Sequences,
        Compute = Compute,
        Layer = layer,
        Observer = Observer,
        DropoutSeed = DropoutSeed,
    };

    /// <summary>The same pass with nobody watching: for a part whose points would be taken for those of the whole.</summary>
    internal ForwardContext Unobserved() => new()
    {
        Positions = Positions,
        Sequences = Sequences,
        Compute = Compute,
        Layer = Layer,
        DropoutSeed = DropoutSeed,
    };

    /// <summary>True if somebody wants a point of this layer.</summary>
    public bool IsObserved(string point) => Observer is not null && Observer.Wants(Layer, point);

    /// <summary>Shows values to the observer, if there is one that wants them; it may change them.</summary>
    /// <param name="point">One of <see cref="ActivationPoints"/>, or a component's own.</param>
    /// <param name="values">The values.</param>
    /// <param name="heads">Heads the values are split in.</param>
    public void Observe(string point, MatrixSpan values, int heads = 1)
    {
        if (Observer is not null && Observer.Wants(Layer, point))
            Observer.Observe(new Activation(Layer, point, values, heads));
    }
}
