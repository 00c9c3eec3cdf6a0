using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Support;

/// <summary>Runs one component on its own.</summary>
internal static class Bench
{
    public static ComponentContext Context(
        IWeightSource weights, int hidden, int heads = 0, int kvHeads = 0, int headDim = 0, int intermediate = 0, int vocabulary = 10, IPositionalEncoder? positions = null) => new()
        {
            Weights = new WeightScope(new WeightLedger(weights, shapesOnly: false), ""),
            HiddenSize = hidden,
            VocabSize = vocabulary,
            ContextLength = 64,
            Layers = 1,
            Layer = 0,
            Heads = heads,
            KvHeads = kvHeads == 0 ? heads : kvHeads,
            HeadDim = headDim,
            IntermediateSize = intermediate,
            Positions = positions,
        };

    public static float[] Run(IAttentionBlock block, float[] x, int hidden)
    {
        int rows = x.Length / hidden;
        using ISequenceState? state = block.CreateState(rows);
        return Run(x, hidden, hidden, state, (MatrixSpan input, MatrixSpan output, in ForwardContext context) => block.Forward(input, output, context));
    }

    public static float[] Run(IFeedForward block, float[] x, int hidden) =>
        Run(x, hidden, hidden, null, (MatrixSpan input, MatrixSpan output, in ForwardContext context) => block.Forward(input, output, context));

    public static float[] Run(IOutputHead head, float[] x, int hidden, int vocabulary) =>
        Run(x, hidden, vocabulary, null, (MatrixSpan input, MatrixSpan output, in ForwardContext context) => head.Forward(input, output, context));

    public static float[] Run(float[] x, int columns, int outputs, ISequenceState? state, Call call, ulong? dropoutSeed = null, int layer = 0)
    {
        int rows = x.Length / columns;
        float[] y = new float[rows * outputs];
        int[] positions = [.. Enumerable.Range(0, rows)];
        using Workspace workspace = new();
        ForwardContext context = new()
        {
            Positions = positions,
            Sequences = new SequenceRows[] { new(0, rows, [state]) },
            Compute = new ComputeContext(WorkerPool.OfSize(2), workspace),
            Layer = layer,
            DropoutSeed = dropoutSeed,
        };
        call(new MatrixSpan(x, rows, columns), new MatrixSpan(y, rows, outputs), context);
        return y;
    }

    public delegate void Call(MatrixSpan x, MatrixSpan y, in ForwardContext context);
}
