namespace Transformer.Core.Numerics;

/// <summary>
/// A region of independent items that a <see cref="WorkerPool"/> splits over its threads. Implement it as a
/// struct (a ref struct if it holds spans): it stays on the caller's stack and nothing is allocated.
/// </summary>
public interface IParallelWork
{
    /// <summary>Computes the items <paramref name="start"/> to <paramref name="end"/> (exclusive).</summary>
    /// <param name="start">First item.</param>
    /// <param name="end">One past the last item.</param>
    /// <param name="worker">0 to <see cref="WorkerPool.Threads"/> - 1, different for threads that run at the same time: picks a thread's own scratch.</param>
    /// <remarks>An item's result must not depend on where a range begins or ends, so that it cannot depend on the number of threads.</remarks>
    void Execute(int start, int end, int worker);
}
