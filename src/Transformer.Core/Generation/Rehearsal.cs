using System.Runtime.CompilerServices;
using Transformer.Core.Architectures;
using Transformer.Core.Attention;
using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Generation;

/// <summary>
/// Has the runtime compile what a checkpoint will need while its file is still being opened: a second thread builds the
/// family's first layer very narrow, with zeros in the checkpoint's formats, and takes a few tokens through it. Compiling
/// takes most of the time to a first token of a small model, and the caller's thread would do it all by itself.
/// </summary>
/// <remarks>Nothing depends on it: what fails in it is dropped, and neither the file's weights nor the model's threads are touched.</remarks>
internal static class Rehearsal
{
    private const int Prompt = 16;

    // Whole blocks of every format.
    private const int Width = 256;

    private static int _begun;

    /// <summary>Starts the thread, for the first checkpoint of a process, if there is a second processor and a compiler.</summary>
    public static void Begin(IModelMetadata metadata, IWeightSource weights)
    {
        if (!RuntimeFeature.IsDynamicCodeCompiled || Environment.ProcessorCount == 1 || Interlocked.Exchange(ref _begun, 1) != 0)
            return;
        new Thread(() => Run(metadata, weights)) { IsBackground = true, Name = "Transformer.Core rehearsal" }.Start();
    }

    /// <summary>Rehearses on this thread; false if the checkpoint is none that can be rehearsed.</summary>
    internal static bool Run(IModelMetadata metadata, IWeightSource weights)
    {
        try
        {
            BlankWeights blank = new(weights);
            Attend(blank);
            using DecoderSession session = Narrow(metadata, blank).Build().CreateSession();
            session.Forward(new int[Prompt]);
            session.Forward(0);
            return true;
        }
        catch (Exception)
        {
            // Whatever is wrong with the checkpoint, the caller's thread will say it.
            return false;
        }
    }

    /// <summary>
    /// Products and attention alone: most of what is to be compiled, and what the caller's thread needs last. Beginning with
    /// the builder, this thread would run just ahead of the other one all the way.
    /// </summary>
    private static void Attend(IWeightSource weights)
    {
        WorkerPool workers = WorkerPool.OfSize(1);
        using Workspace workspace = new();
        MultiHeadAttention attention = new(new ComponentContext
        {
            Weights = new WeightScope(new WeightLedger(weights, shapesOnly: false, new Interleaver(workers, all: false)), "model.layers.0.self_attn"),
            HiddenSize = Width,
            VocabSize = Width,
            ContextLength = 2 * Prompt,
            Layers = 1,
            Heads = 4,
            KvHeads = 2,
            HeadDim = Width / 4,
        });
        using ISequenceState state = attention.CreateState(2 * Prompt);
        float[] x = new float[Prompt * Width];
        float[] y = new float[Prompt * Width];
        foreach (int rows in (ReadOnlySpan<int>)[Prompt, 1])
        {
            ForwardContext context = new()
            {
                Positions = new int[rows],
                Sequences = [new SequenceRows(0, rows, [state])],
                Compute = new ComputeContext(workers, workspace),
                Layer = 0,
            };
            attention.Forward(new MatrixSpan(x.AsSpan(0, rows * Width), rows, Width), new MatrixSpan(y.AsSpan(0, rows * Width), rows, Width), context);
        }
    }

    /// <summary>The first layer with fewer features. What components derive from the builder's sizes follows; what a family read from the metadata stays.</summary>
    private static TransformerBuilder Narrow(IModelMetadata metadata, IWeightSource weights)
    {
        TransformerBuilder builder = new TransformerBuilder().WithWeights(weights);
        ArchitectureRegistry.Default.Find(metadata).Configure(builder, metadata);
        ModelSizes sizes = builder.Sizes;
        int headDim = sizes.HeadDim == 0 ? sizes.HiddenSize / sizes.Heads : sizes.HeadDim;
        return builder
            .WithThreads(1)
            .WithLayerOrder(0)
            .WithVocabulary(Width)
            .WithContextLength(2 * Prompt)
            .WithHiddenSize(Width)
            .WithIntermediateSize(2 * Width)
            .WithHeads(sizes.Heads, sizes.KvHeads, headDim);
    }
}
