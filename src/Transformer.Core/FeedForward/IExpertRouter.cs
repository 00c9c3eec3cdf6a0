using Transformer.Core.Numerics;

namespace Transformer.Core.FeedForward;

/// <summary>Chooses, for every row, which experts of a <see cref="MixtureOfExperts"/> compute it. Immutable and thread-safe.</summary>
public interface IExpertRouter
{
    /// <summary>Experts to choose from.</summary>
    int Experts { get; }

    /// <summary>Experts that compute each row.</summary>
    int ExpertsPerToken { get; }

    /// <summary>Chooses the experts of every row, each row by itself.</summary>
    /// <param name="x">[n, hidden].</param>
    /// <param name="experts">[n x experts per token] receives numbers of experts, row after row; the experts of a row differ.</param>
    /// <param name="weights">[n, experts per token] receives what each expert's output is multiplied with.</param>
    /// <param name="context">Scratch memory, threads, observer.</param>
    void Route(MatrixSpan x, Span<int> experts, MatrixSpan weights, in ForwardContext context);
}
