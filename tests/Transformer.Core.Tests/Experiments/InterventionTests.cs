using Transformer.Core.Experiments;
using Transformer.Core.Numerics;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Experiments;

/// <summary>Reaching into a pass, and what must come of it.</summary>
public class InterventionTests
{
    private static readonly int[] First = [3, 1, 4, 1, 5, 9, 2, 6];
    private static readonly int[] Second = [2, 7, 1, 8, 2, 8, 1, 8];

    [Theory]
    [InlineData("article")]
    [InlineData("llama")]
    [InlineData("gemma")]
    public void Without_any_head_a_model_is_one_without_attention(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        IActivationObserver silence = Intervention.All(
            from layer in Enumerable.Range(0, model.Layers.Count)
            from head in Enumerable.Range(0, 4)
            select Intervention.ZeroHead(layer, head));
        float[] ablated = model.AllLogits(First, silence);
        ablated.Should().Equal(TinyModels.Builder(family).WithAttention(_ => new NoAttention()).Build().AllLogits(First));
        ablated.Should().NotEqual(model.AllLogits(First));
    }

    [Theory]
    [MemberData(nameof(TinyModels.Names), MemberType = typeof(TinyModels))]
    public void With_every_activation_of_another_run_it_is_the_other_run(string family)
    {
        TransformerModel model = TinyModels.Build(family);
        ActivationCapture capture = new("*");
        float[] expected = model.AllLogits(Second, capture);

        // The logits themselves would prove nothing.
        IEnumerable<IActivationObserver> patches = capture.Activations
            .Where(activation => activation.Point is not (ActivationPoints.Logits or ActivationPoints.FinalNorm))
            .Select(activation => Intervention.Patch(activation));
        model.AllLogits(First, Intervention.All(patches)).Should().Equal(expected);
        model.AllLogits(First).Should().NotEqual(expected);
    }

    [Theory]
    [InlineData("article", ActivationPoints.PositionedEmbedding, -1)]
    [InlineData("llama", ActivationPoints.ResidualAfter, 2)]
    [InlineData("llama", ActivationPoints.ResidualBefore, 0)]
    public void One_point_that_all_goes_through_is_enough(string family, string point, int layer)
    {
        TransformerModel model = TinyModels.Build(family);
        ActivationCapture capture = new("embedding.positioned", "layers.*.residual.*");
        model.AllLogits(Second, capture);
        model.AllLogits(First, Intervention.Patch(capture[layer < 0 ? point : $"layers.{layer}.{point}"])).Should().Equal(model.AllLogits(Second));
    }

    [Fact]
    public void A_head_silenced_is_its_columns_of_the_output_matrix_gone()
    {
        // The output matrix without the columns of head 2, by weights that differ there alone.
        TransformerModel model = TinyModels.Build("llama");
        float[] ablated = model.AllLogits(First, Intervention.ZeroHead(1, 2));
        ActivationCapture capture = new("layers.1.attention.z", "layers.1.attention.out");
        model.AllLogits(First, Intervention.All(Intervention.ZeroHead(1, 2), capture));
        float[] matrix = new NoiseWeights(5).Values("model.layers.1.self_attn.o_proj.weight", 24, 24);
        for (int row = 0; row < First.Length; row++)
        {
            for (int output = 0; output < 24; output++)
            {
                double sum = 0;
                for (int input = 0; input < 24; input++)
                    sum += input / 6 == 2 ? 0 : matrix[(output * 24) + input] * (double)capture["layers.1.attention.z"][row][input];
                ((double)capture["layers.1.attention.out"][row][output]).Should().BeApproximately(sum, 1e-4);
            }
        }
        ablated.Should().NotEqual(model.AllLogits(First));
    }

    [Fact]
    public void Steering_adds_the_vector()
    {
        TransformerModel model = TinyModels.Build("gpt2");
        float[] vector = Noise.Floats(3, model.HiddenSize);
        ActivationCapture before = new("layers.1.residual.after"), after = new("layers.1.residual.after");
        model.AllLogits(First, before);
        model.AllLogits(First, Intervention.All(Intervention.Add(1, ActivationPoints.ResidualAfter, vector, 2), after));
        for (int row = 0; row < First.Length; row++)
            for (int i = 0; i < vector.Length; i++)
                after.Activations[0][row][i].Should().Be(before.Activations[0][row][i] + (2 * vector[i]));
        ((Action)(() => model.AllLogits(First, Intervention.Add(1, ActivationPoints.ResidualAfter, [1f])))).Should().Throw<ArgumentException>().WithMessage("layers.1.residual.after: expected a vector of 24 features, found 1.");
    }

    [Fact]
    public void A_patch_of_another_shape_is_refused()
    {
        TransformerModel model = TinyModels.Build("llama");
        ActivationCapture capture = new("layers.0.residual.before");
        model.AllLogits(Second, capture);
        ((Action)(() => model.AllLogits([1, 2], Intervention.Patch(capture.Activations[0])))).Should().Throw<ArgumentException>().WithMessage("layers.0.residual.before: expected values [2, 24], as this pass has them, found [8, 24].");
    }

    private sealed class NoAttention : IAttentionBlock
    {
        public ISequenceState? CreateState(int capacity) => null;

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            for (int row = 0; row < y.Rows; row++)
                y[row].Clear();
        }
    }
}
