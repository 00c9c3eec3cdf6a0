using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// A decoder stack with its weights: token ids in, logits out. Immutable and thread-safe: everything that changes
/// with a sequence is in the <see cref="DecoderSession"/>s made from it.
/// </summary>
public sealed class TransformerModel
{
    private readonly DecoderBlock[] _blocks;

    internal TransformerModel(ModelDescription description, ITokenizer? tokenizer, IModelMetadata? metadata, WorkerPool workers, ModelParts parts)
    {
        Description = description;
        Tokenizer = tokenizer;
        Metadata = metadata;
        Workers = workers;
        Embedding = parts.Embedding;
        Positions = parts.Positions;
        FinalNorm = parts.FinalNorm;
        OutputHead = parts.OutputHead;
        _blocks = parts.Blocks;
    }

    /// <summary>Components, tensors, parameters and sizes.</summary>
    public ModelDescription Description { get; }

    /// <summary>Number of token ids.</summary>
    public int VocabSize => Description.VocabSize;

    /// <summary>Width of the residual stream.</summary>
    public int HiddenSize => Description.HiddenSize;

    /// <summary>Most tokens of a sequence.</summary>
    public int ContextLength => Description.ContextLength;

    /// <summary>The layers, first to last.</summary>
    public IReadOnlyList<DecoderBlock> Layers => _blocks;

    /// <summary>Turns ids into vectors.</summary>
    public IEmbedding Embedding { get; }

    /// <summary>The position encoder below the first layer, which layers use too unless they have their own.</summary>
    public IPositionalEncoder Positions { get; }

    /// <summary>The normalization after the last layer.</summary>
    public INormalization FinalNorm { get; }

    /// <summary>Turns vectors into logits.</summary>
    public IOutputHead OutputHead { get; }

    /// <summary>The model's tokenizer, or null if it has none.</summary>
    public ITokenizer? Tokenizer { get; }

    /// <summary>
    /// What the checkpoint says of itself beside its weights (chat template, names, generation defaults), without
    /// its vocabulary and other long lists; null for a model that was composed from nothing.
    /// </summary>
    public IModelMetadata? Metadata { get; }

    internal WorkerPool Workers { get; }

    /// <summary>Begins an empty sequence.</summary>
    /// <param name="capacity">Most tokens it will hold; null: the model's <see cref="ContextLength"/>. Memory grows only as tokens come.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="capacity"/> is not 1 to <see cref="ContextLength"/>.</exception>
    public DecoderSession CreateSession(int? capacity = null)
    {
        int tokens = capacity ?? ContextLength;
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1, nameof(capacity));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tokens, ContextLength, nameof(capacity));
        return new DecoderSession(this, tokens, [.. _blocks.Select(block => block.Attention.CreateState(tokens))]);
    }

    /// <summary>
    /// One pass over rows of one or more sequences, as in the article: embed, add positions, run the layers,
    /// normalize, project. Only the rows in <paramref name="logitRows"/> are projected.
    /// </summary>
    internal void Forward(
        ReadOnlySpan<int> tokenIds,
        ReadOnlySpan<int> logitRows,
        MatrixSpan logits,
        in ForwardContext context,
        CancellationToken cancellationToken)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        MatrixSpan hidden = context.Workspace.Matrix(tokenIds.Length, HiddenSize);
        ForwardLayers(tokenIds, hidden, context, cancellationToken);
        if (logitRows.IsEmpty)
            return;

        MatrixSpan last = context.Workspace.Matrix(logitRows.Length, HiddenSize);
        for (int i = 0; i < logitRows.Length; i++)
            hidden[logitRows[i]].CopyTo(last[i]);
        ObservedNorm.Forward(FinalNorm, last, last, ActivationPoints.FinalNorm, context);
        OutputHead.Forward(last, logits, context);
        context.Observe(ActivationPoints.Logits, logits);
    }

    /// <summary>The same pass up to the final normalization.</summary>
    internal void ForwardHidden(ReadOnlySpan<int> tokenIds, MatrixSpan hidden, in ForwardContext context, CancellationToken cancellationToken)
    {
        ForwardLayers(tokenIds, hidden, context, cancellationToken);
        ObservedNorm.Forward(FinalNorm, hidden, hidden, ActivationPoints.FinalNorm, context);
    }

    private void ForwardLayers(ReadOnlySpan<int> tokenIds, MatrixSpan hidden, in ForwardContext context, CancellationToken cancellationToken)
    {
        Embedding.Forward(tokenIds, hidden);
        context.Observe(ActivationPoints.Embedding, hidden);
        Positions.AddToEmbeddings(context.Positions, hidden);
        context.Observe(ActivationPoints.PositionedEmbedding, hidden);

        for (int layer = 0; layer < _blocks.Length; layer++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _blocks[layer].Forward(hidden, context.InLayer(layer));
        }
    }
}

/// <summary>The components a model is made of.</summary>
internal sealed record ModelParts(IEmbedding Embedding, IPositionalEncoder Positions, DecoderBlock[] Blocks, INormalization FinalNorm, IOutputHead OutputHead);
