using Transformer.Core.Numerics;

namespace Transformer.Core;

/// <summary>
/// Where the normalizations of a decoder block stand and what the residual goes around. Each layout is one short
/// method; derive for one of your own.
/// </summary>
public abstract class BlockLayout
{
    /// <summary>Normalize after each residual sum, as the original transformer and the article do.</summary>
    public static BlockLayout PostNorm { get; } = new PostNormLayout();

    /// <summary>Normalize before attention and before feed-forward (GPT-2, Llama).</summary>
    public static BlockLayout PreNorm { get; } = new PreNormLayout();

    /// <summary>Normalize before and after both (Gemma 2).</summary>
    public static BlockLayout Sandwich { get; } = new SandwichLayout();

    /// <summary>Attention and feed-forward read the same input and are added together (GPT-NeoX).</summary>
    public static BlockLayout Parallel { get; } = new ParallelLayout();

    /// <summary>Normalize what attention and feed-forward give, before it is added (OLMo 2, arXiv:2501.00656).</summary>
    public static BlockLayout OutputNorm { get; } = new OutputNormLayout();

    /// <summary>The layout's name.</summary>
    public abstract string Name { get; }

    /// <summary>Names of the normalizations, in the order of <see cref="DecoderBlock.Norms"/>: where their weights lie in the layer.</summary>
    public abstract IReadOnlyList<string> NormNames { get; }

    /// <summary>Runs a block on the residual stream.</summary>
    /// <param name="block">The parts.</param>
    /// <param name="hidden">[n, hidden], changed in place.</param>
    /// <param name="context">The pass.</param>
    public abstract void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context);

    /// <inheritdoc/>
    public override string ToString() => Name;

    // h ──┬── attention ── + ── norm ──┬── feed-forward ── + ── norm ──> h
    //     └────────────────┘           └───────────────────┘
    private sealed class PostNormLayout : BlockLayout
    {
        public override string Name => "PostNorm";

        public override IReadOnlyList<string> NormNames { get; } = ["post_attention_layernorm", "post_feedforward_layernorm"];

        public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan delta = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            block.Attention.Forward(hidden, delta, context);
            block.AddResidual(delta, hidden, DecoderBlock.AttentionSite, context);
            block.Normalize(0, hidden, hidden, ActivationPoints.AttentionPostNorm, context);
            context.Observe(ActivationPoints.ResidualMiddle, hidden);
            block.FeedForward.Forward(hidden, delta, context);
            block.AddResidual(delta, hidden, DecoderBlock.FeedForwardSite, context);
            block.Normalize(1, hidden, hidden, ActivationPoints.FeedForwardPostNorm, context);
        }
    }

    // h ──┬── norm ── attention ── + ──┬── norm ── feed-forward ── + ──> h
    //     └────────────────────────┘   └───────────────────────────┘
    private sealed class PreNormLayout : BlockLayout
    {
        public override string Name => "PreNorm";

        public override IReadOnlyList<string> NormNames { get; } = ["input_layernorm", "post_attention_layernorm"];

        public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan normed = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            MatrixSpan delta = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            block.Normalize(0, hidden, normed, ActivationPoints.AttentionNorm, context);
            block.Attention.Forward(normed, delta, context);
            block.AddResidual(delta, hidden, DecoderBlock.AttentionSite, context);
            context.Observe(ActivationPoints.ResidualMiddle, hidden);
            block.Normalize(1, hidden, normed, ActivationPoints.FeedForwardNorm, context);
            block.FeedForward.Forward(normed, delta, context);
            block.AddResidual(delta, hidden, DecoderBlock.FeedForwardSite, context);
        }
    }

    // h ──┬── norm ── attention ── norm ── + ──┬── norm ── feed-forward ── norm ── + ──> h
    //     └────────────────────────────────┘   └───────────────────────────────────┘
    private sealed class SandwichLayout : BlockLayout
    {
        public override string Name => "Sandwich";

        public override IReadOnlyList<string> NormNames { get; } =
            ["input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm"];

        public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan normed = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            MatrixSpan delta = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            block.Normalize(0, hidden, normed, ActivationPoints.AttentionNorm, context);
            block.Attention.Forward(normed, delta, context);
            block.Normalize(1, delta, delta, ActivationPoints.AttentionPostNorm, context);
            block.AddResidual(delta, hidden, DecoderBlock.AttentionSite, context);
            context.Observe(ActivationPoints.ResidualMiddle, hidden);
            block.Normalize(2, hidden, normed, ActivationPoints.FeedForwardNorm, context);
            block.FeedForward.Forward(normed, delta, context);
            block.Normalize(3, delta, delta, ActivationPoints.FeedForwardPostNorm, context);
            block.AddResidual(delta, hidden, DecoderBlock.FeedForwardSite, context);
        }
    }

    // h ──┬── attention ── norm ── + ──┬── feed-forward ── norm ── + ──> h
    //     └────────────────────────┘   └───────────────────────────┘
    private sealed class OutputNormLayout : BlockLayout
    {
        public override string Name => "OutputNorm";

        public override IReadOnlyList<string> NormNames { get; } = ["post_attention_layernorm", "post_feedforward_layernorm"];

        public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan delta = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            block.Attention.Forward(hidden, delta, context);
            block.Normalize(0, delta, delta, ActivationPoints.AttentionPostNorm, context);
            block.AddResidual(delta, hidden, DecoderBlock.AttentionSite, context);
            context.Observe(ActivationPoints.ResidualMiddle, hidden);
            block.FeedForward.Forward(hidden, delta, context);
            block.Normalize(1, delta, delta, ActivationPoints.FeedForwardPostNorm, context);
            block.AddResidual(delta, hidden, DecoderBlock.FeedForwardSite, context);
        }
    }

    //     ┌── norm ── attention ───┐
    // h ──┼────────────────────────+ ──> h
    //     └── norm ── feed-forward ┘
    private sealed class ParallelLayout : BlockLayout
    {
        public override string Name => "Parallel";

        public override IReadOnlyList<string> NormNames { get; } = ["input_layernorm", "post_attention_layernorm"];

        public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan normed = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            MatrixSpan attended = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            MatrixSpan fed = context.Workspace.Matrix(hidden.Rows, hidden.Columns);
            block.Normalize(0, hidden, normed, ActivationPoints.AttentionNorm, context);
            block.Attention.Forward(normed, attended, context);
            block.Normalize(1, hidden, normed, ActivationPoints.FeedForwardNorm, context);
            block.FeedForward.Forward(normed, fed, context);
            block.AddResidual(attended, hidden, DecoderBlock.AttentionSite, context);
            context.Observe(ActivationPoints.ResidualMiddle, hidden);
            block.AddResidual(fed, hidden, DecoderBlock.FeedForwardSite, context);
        }
    }
}
