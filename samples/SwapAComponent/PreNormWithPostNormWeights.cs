using Transformer.Core;
using Transformer.Core.Numerics;

namespace SwapAComponent;

/// <summary>Normalizes before attention and feed-forward, with the weights of norms that were trained behind them.</summary>
internal sealed class PreNormWithPostNormWeights : BlockLayout
{
    public override string Name => "PreNorm";

    public override IReadOnlyList<string> NormNames => PostNorm.NormNames;

    public override void Forward(DecoderBlock block, MatrixSpan hidden, in ForwardContext context) => PreNorm.Forward(block, hidden, context);
}
