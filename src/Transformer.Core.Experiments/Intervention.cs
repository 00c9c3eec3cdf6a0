using Transformer.Core.Numerics;

namespace Transformer.Core.Experiments;

/// <summary>Observers that change what flows through a model. One serves one session; <see cref="All"/> joins several.</summary>
public static class Intervention
{
    /// <summary>Changes values at one point: the general case.</summary>
    /// <param name="layer">The layer, from 0; -1 outside the layers.</param>
    /// <param name="point">One of <see cref="ActivationPoints"/>.</param>
    /// <param name="change">Changes the values in place.</param>
    public static IActivationObserver Change(int layer, string point, ActivationChange change) => new ChangeAt(layer, point, change);

    /// <summary>Silences a head: what it mixed is zero, so that it adds nothing to the residual stream.</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="head">The query head, from 0.</param>
    public static IActivationObserver ZeroHead(int layer, int head) => Change(layer, ActivationPoints.Mixed, (in Activation activation) =>
    {
        int width = activation.Values.Columns / activation.Heads;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(head, activation.Heads);
        Clear(activation.Values.ColumnRange(head * width, width));
    });

    /// <summary>Makes the values of a point zero: <see cref="ActivationPoints.AttentionOut"/>, <see cref="ActivationPoints.FeedForwardOut"/>.</summary>
    public static IActivationObserver Zero(int layer, string point) => Change(layer, point, (in Activation activation) => Clear(activation.Values));

    /// <summary>Adds a vector to every row of a point, the residual stream for instance: steering (Turner et al. 2023, arXiv:2308.10248).</summary>
    /// <param name="layer">The layer, from 0.</param>
    /// <param name="point">The point, such as <see cref="ActivationPoints.ResidualAfter"/>.</param>
    /// <param name="vector">[features].</param>
    /// <param name="strength">Factor on the vector.</param>
    public static IActivationObserver Add(int layer, string point, ReadOnlySpan<float> vector, float strength = 1)
    {
        float[] added = [.. vector];
        return Change(layer, point, (in Activation activation) =>
        {
            if (activation.Values.Columns != added.Length)
                throw new ArgumentException($"{activation.Name}: expected a vector of {activation.Values.Columns} features, found {added.Length}.");
            for (int row = 0; row < activation.Values.Rows; row++)
                for (int i = 0; i < added.Length; i++)
                    activation.Values[row][i] += strength * added[i];
        });
    }

    /// <summary>
    /// Writes values of another run in place of a pass's own (activation patching: Vig et al. 2020, arXiv:2004.12265;
    /// Meng et al. 2022, arXiv:2202.05262). For a prompt computed in one pass of a fresh session, at most 256 tokens.
    /// </summary>
    /// <param name="from">What another run of the same shape had there.</param>
    /// <param name="row">The one row that is written, such as a token's place; null: all of them.</param>
    public static IActivationObserver Patch(CapturedActivation from, int? row = null) => Change(from.Layer, from.Point, (in Activation activation) =>
    {
        MatrixSpan values = activation.Values;
        if (values.Columns != from.Columns || values.Rows != from.Rows)
            throw new ArgumentException($"{from.Name}: expected values [{values.Rows}, {values.Columns}], as this pass has them, found [{from.Rows}, {from.Columns}].");
        for (int i = row ?? 0; i < (row + 1 ?? values.Rows); i++)
            from[i].CopyTo(values[i]);
    });

    /// <summary>Several observers, each seeing what those before it left.</summary>
    public static IActivationObserver All(params IEnumerable<IActivationObserver> observers) => new Chain([.. observers]);

    private static void Clear(MatrixSpan values)
    {
        for (int row = 0; row < values.Rows; row++)
            values[row].Clear();
    }

    private sealed class ChangeAt(int layer, string point, ActivationChange change) : IActivationObserver
    {
        public bool Wants(int at, string name) => at == layer && name == point;

        public void Observe(in Activation activation) => change(activation);
    }

    private sealed class Chain(IActivationObserver[] observers) : IActivationObserver
    {
        public bool Wants(int layer, string point)
        {
            foreach (IActivationObserver observer in observers)
                if (observer.Wants(layer, point))
                    return true;
            return false;
        }

        public void Observe(in Activation activation)
        {
            foreach (IActivationObserver observer in observers)
                if (observer.Wants(activation.Layer, activation.Point))
                    observer.Observe(activation);
        }
    }
}

/// <summary>Changes the values of an activation in place.</summary>
public delegate void ActivationChange(in Activation activation);
