namespace Transformer.Core.Positions;

/// <summary>No position information: the causal mask alone orders the tokens (Haviv et al. 2022, arXiv:2203.16634).</summary>
public sealed class NoPositions : IPositionalEncoder
{
    /// <summary>False: there are no positions.</summary>
    public bool BiasesScores => false;
}
