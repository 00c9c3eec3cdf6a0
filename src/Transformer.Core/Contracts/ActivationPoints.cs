namespace Transformer.Core;

/// <summary>Names of the points an observer can see, in the order of a forward pass. A component may add its own.</summary>
public static class ActivationPoints
{
    /// <summary>Rows of the embedding table, [n, hidden]. Outside the layers.</summary>
    public const string Embedding = "embedding";

    /// <summary>The embedding with its position information, [n, hidden]. Outside the layers.</summary>
    public const string PositionedEmbedding = "embedding.positioned";

    /// <summary>The residual stream before a layer, [n, hidden].</summary>
    public const string ResidualBefore = "residual.before";

    /// <summary>The residual stream between attention and feed-forward, [n, hidden].</summary>
    public const string ResidualMiddle = "residual.middle";

    /// <summary>The residual stream after a layer, [n, hidden].</summary>
    public const string ResidualAfter = "residual.after";

    /// <summary>What attention reads, where a normalization comes before it, [n, hidden].</summary>
    public const string AttentionNorm = "attention.norm";

    /// <summary>What the feed-forward reads, where a normalization comes before it, [n, hidden].</summary>
    public const string FeedForwardNorm = "feed_forward.norm";

    /// <summary>What a normalization behind attention gives (after the residual sum, or before it), [n, hidden].</summary>
    public const string AttentionPostNorm = "attention.post_norm";

    /// <summary>What a normalization behind the feed-forward gives, [n, hidden].</summary>
    public const string FeedForwardPostNorm = "feed_forward.post_norm";

    /// <summary>What each row is divided by at <see cref="AttentionNorm"/>, [n, 1]; where the normalization can show it. To be read only: written values are not used.</summary>
    public const string AttentionNormScale = "attention.norm.scale";

    /// <summary>As <see cref="AttentionNormScale"/>, at <see cref="AttentionPostNorm"/>.</summary>
    public const string AttentionPostNormScale = "attention.post_norm.scale";

    /// <summary>As <see cref="AttentionNormScale"/>, at <see cref="FeedForwardNorm"/>.</summary>
    public const string FeedForwardNormScale = "feed_forward.norm.scale";

    /// <summary>As <see cref="AttentionNormScale"/>, at <see cref="FeedForwardPostNorm"/>.</summary>
    public const string FeedForwardPostNormScale = "feed_forward.post_norm.scale";

    /// <summary>Queries before rotation (and after their normalization, if there is one), [n, heads x head dim].</summary>
    public const string Query = "attention.q";

    /// <summary>Keys before rotation (and after their normalization), [n, kv heads x head dim].</summary>
    public const string Key = "attention.k";

    /// <summary>Values, [n, kv heads x head dim].</summary>
    public const string Value = "attention.v";

    /// <summary>Queries after rotation.</summary>
    public const string RotatedQuery = "attention.q.rotated";

    /// <summary>Keys after rotation.</summary>
    public const string RotatedKey = "attention.k.rotated";

    /// <summary>
    /// Scaled scores, biased and masked (−∞), of one sequence: [heads x queries, keys]. Watching them or the pattern makes
    /// attention keep whole rows, which changes results in the last bits.
    /// </summary>
    public const string Scores = "attention.scores";

    /// <summary>Their softmax, of one sequence: [heads x queries, keys].</summary>
    public const string Pattern = "attention.pattern";

    /// <summary>The weighted sums of the values, heads side by side, [n, heads x head dim].</summary>
    public const string Mixed = "attention.z";

    /// <summary>The attention block's output, [n, hidden].</summary>
    public const string AttentionOut = "attention.out";

    /// <summary>A router's logits, [n, experts]; written values choose and weigh.</summary>
    public const string RouterLogits = "feed_forward.router.logits";

    /// <summary>What the outputs of the chosen experts are multiplied with, [n, experts per token].</summary>
    public const string ExpertWeights = "feed_forward.router.weights";

    /// <summary>The numbers of the chosen experts, [n, experts per token].</summary>
    public const string Experts = "feed_forward.router.experts";

    /// <summary>The feed-forward's hidden values before the activation function, [n, intermediate].</summary>
    public const string FeedForwardPre = "feed_forward.pre";

    /// <summary>What the gate is multiplied with, [n, intermediate].</summary>
    public const string FeedForwardUp = "feed_forward.up";

    /// <summary>The feed-forward's hidden values after the activation function (and the gate), [n, intermediate].</summary>
    public const string FeedForwardPost = "feed_forward.post";

    /// <summary>The feed-forward's output, [n, hidden].</summary>
    public const string FeedForwardOut = "feed_forward.out";

    /// <summary>The residual stream after the last layer's final normalization, [n, hidden]. Outside the layers.</summary>
    public const string FinalNorm = "final_norm";

    /// <summary>As <see cref="AttentionNormScale"/>, at <see cref="FinalNorm"/>. Outside the layers.</summary>
    public const string FinalNormScale = "final_norm.scale";

    /// <summary>Logits of the rows asked for, [rows, vocabulary]. Outside the layers.</summary>
    public const string Logits = "logits";

    /// <summary>The point where what a normalization divides by is shown.</summary>
    internal static string ScaleOf(string norm) => norm switch
    {
        AttentionNorm => AttentionNormScale,
        AttentionPostNorm => AttentionPostNormScale,
        FeedForwardNorm => FeedForwardNormScale,
        FeedForwardPostNorm => FeedForwardPostNormScale,
        FinalNorm => FinalNormScale,
        _ => norm + ".scale",
    };
}
