using Transformer.Core.Numerics;
using Transformer.Core.Tests.Data;
using Transformer.Core.Weights;

namespace Transformer.Core.Testing.Tests;

/// <summary>A component of some forty lines, written with the package alone, in a loaded llama-family file.</summary>
public class NewcomerTests
{
    [Fact]
    public void It_conforms() => ComponentConformance.CheckFeedForward(c => new SquaredRelu(c));

    [Fact]
    public void The_sample_s_attention_conforms() => ComponentConformance.CheckAttention(c => new SwapAComponent.LinearAttention(c), new ConformanceOptions { KvHeads = 4 });

    [DataFact]
    public void It_runs_in_a_loaded_model()
    {
        TransformerBuilder builder = TransformerBuilder.FromGguf(TestData.Path("models", "stories260K-q8_0.gguf"));
        TransformerModel original = builder.Build();
        TransformerModel model = builder.WithLayer(2, layer => layer.WithFeedForward(c => new SquaredRelu(c))).Build();
        model.Layers[2].FeedForward.Should().BeOfType<SquaredRelu>();
        int[] ids = original.Tokenizer!.Encode("Once upon a time", addBos: true);
        using DecoderSession before = original.CreateSession(), after = model.CreateSession();
        before.Forward(ids).ToArray().Should().NotEqual(after.Forward(ids).ToArray());
        model.Complete("Once upon a time", new GenerationOptions { MaxTokens = 5 }).Text.Should().NotBeEmpty();
    }

    /// <summary>max(0, x·W1)²·W2 (So et al. 2021, arXiv:2109.08668), with the up and down matrices of a gated feed-forward.</summary>
    private sealed class SquaredRelu(ComponentContext c) : IFeedForward
    {
        private readonly Linear _up = c.Weights.Linear(c.HiddenSize, ("up_proj", c.IntermediateSize));
        private readonly Linear _down = c.Weights.Linear(c.IntermediateSize, ("down_proj", c.HiddenSize));

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            using WorkspaceScope scope = context.Workspace.Scope();
            MatrixSpan wide = context.Workspace.Matrix(x.Rows, _up.Outputs);
            _up.Forward(x, wide, context.Compute);
            for (int row = 0; row < wide.Rows; row++)
            {
                foreach (ref float value in wide[row])
                {
                    float positive = Math.Max(0, value);
                    value = positive * positive;
                }
            }
            _down.Forward(wide, y, context.Compute);
        }
    }
}
