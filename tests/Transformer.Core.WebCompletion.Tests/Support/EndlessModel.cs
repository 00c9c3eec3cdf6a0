using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.Sampling;

namespace Transformer.Core.WebCompletion.Tests.Support;

/// <summary>A model that writes a's until it is stopped.</summary>
internal static class EndlessModel
{
    public static TransformerModel Model { get; } = new ScriptedModel().Model;

    public static GenerationOptions Options { get; } = new() { Sampler = () => new Letters(), ShiftContext = true };

    private sealed class Letters : ISampler
    {
        public int Sample(ReadOnlySpan<float> logits) => 'a';
    }
}
