using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>Turns the last hidden rows into logits. Immutable and thread-safe.</summary>
public interface IOutputHead
{
    /// <summary>Computes the logits of the rows that were asked for.</summary>
    /// <param name="hidden">[rows, hidden], normalized.</param>
    /// <param name="logits">[rows, vocabulary], overwritten.</param>
    /// <param name="context">Scratch memory and threads. <see cref="ForwardContext.Positions"/> describes the whole pass, not these rows.</param>
    void Forward(MatrixSpan hidden, MatrixSpan logits, in ForwardContext context);
}
