using System.Runtime.CompilerServices;
using Transformer.Core.Architectures;
using Transformer.Core.Attention;
using Transformer.Core.FeedForward;
using Transformer.Core.Numerics;
using Transformer.Core.Weights;

namespace Transformer.Core.Generation;

/// <summary>
/// Has the runtime compile what a checkpoint will need while its file is still being opened: another thread computes
/// attention, products with zeros in the checkpoint's formats, and its family's first layer, all very narrow. Compiling
/// takes most of the time to the first token of a small model, and the caller's thread would do it all by itself.
/// </summary>
/// <remarks>
/// <para>Nothing depends on it: what fails in it is dropped, and neither the file's values nor the model's threads are touched.</para>
/// <para>What the caller's thread needs last comes first. In the caller's order, this thread would run just ahead of it all the way.</para>
/// </remarks>
internal sealed class Rehearsal
{
    private const int Prompt = 16;

    // Whole blocks of every format.
    private const int Width = 256;

    private static int _begun;
    private readonly Thread _attention = Start(Attend);

    internal Rehearsal()
    {
    }

    /// <summary>Begins with what all checkpoints need; null unless this is the first of the process and there are a second processor and a compiler.</summary>
    public static Rehearsal? Begin() =>
        RuntimeFeature.IsDynamicCodeCompiled && Environment.ProcessorCount > 1 && Interlocked.Exchange(ref _begun, 1) == 0 ? new Rehearsal() : null;

    /// <summary>Goes on with a checkpoint.</summary>
    /// <param name="metadata">What it says of itself.</param>
    /// <param name="weights">Tells its formats.</param>
    /// <returns>The thread, for whoever wants to see its end.</returns>
    public Thread Continue(IModelMetadata metadata, IWeightSource weights) => Start(() =>
    {
        _attention.Join();
        Run(metadata, weights);
    });

    /// <summary>Rehearses on the calling thread.</summary>
    internal static void Run(IModelMetadata metadata, IWeightSource weights)
    {
        BlankWeights blank = new(weights);
        Multiply(blank);
        using DecoderSession session = Narrow(metadata, blank).Build().CreateSession();
        session.Forward(new int[Prompt]);
        session.Forward(0);
    }

    /// <summary>Whatever is wrong with a checkpoint, the caller's thread will say it.</summary>
    private static Thread Start(Action stage)
    {
        Thread thread = new(() =>
        {
            try
            {
                stage();
            }
            catch (Exception)
            {
            }
        })
        {
            IsBackground = true,
            Name = "Transformer.Core rehearsal",
        };
        thread.Start();
        return thread;
    }

    /// <summary>One head of a prompt, and then of a token.</summary>
    private static void Attend()
    {
        using Workspace workspace = new();
        using KvCache cache = new(2 * Prompt, 1, Width);
        MatrixSpan rows = new(new float[Prompt * Width], Prompt, Width);
        foreach (int count in (ReadOnlySpan<int>)[Prompt, 1])
        {
            ForwardContext context = new()
            {
                Positions = new int[count],
                Sequences = [new SequenceRows(0, count, [cache])],
                Compute = new ComputeContext(WorkerPool.OfSize(1), workspace),
            };
            MatrixSpan some = rows.RowRange(0, count);
            CacheAppend.Run(some, some, context);
            CausalAttention.Compute(new AttentionShape(1, 1, Width, window: null, scale: null), positions: null, some, some, context);
        }
    }

    /// <summary>A matrix times a prompt, and then a token.</summary>
    private static void Multiply(IWeightSource weights)
    {
        using Workspace workspace = new();
        ComputeContext compute = new(WorkerPool.OfSize(1), workspace);
        WeightLedger ledger = new(weights, shapesOnly: false, new Interleaver(compute.Workers, all: false));
        Linear product = new WeightScope(ledger, "model.layers.0.self_attn").Linear(Width, ("q_proj", Width));
        float[] x = new float[Prompt * Width];
        float[] y = new float[Prompt * Width];
        product.Forward(new MatrixSpan(x, Prompt, Width), new MatrixSpan(y, Prompt, Width), compute);
        product.Forward(new MatrixSpan(x.AsSpan(0, Width), 1, Width), new MatrixSpan(y.AsSpan(0, Width), 1, Width), compute);
    }

    /// <summary>The first layer with fewer features. What components derive from the builder's sizes follows; what a family read from the metadata stays.</summary>
    private static TransformerBuilder Narrow(IModelMetadata metadata, IWeightSource weights)
    {
        TransformerBuilder builder = new TransformerBuilder().WithWeights(weights);
        ArchitectureRegistry.Default.Find(metadata).Configure(builder, metadata);

        // There may be hundreds of experts; a file of that size takes longer to read than its code to compile.
        if (metadata.OptionalInteger("num_experts") > 0)
            builder.WithFeedForward(c => new GatedMlp(c));
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
