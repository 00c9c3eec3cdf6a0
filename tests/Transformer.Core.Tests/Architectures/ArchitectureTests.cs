using Transformer.Core.Architectures;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Architectures;

public class ArchitectureTests
{
    public static TheoryData<string> Names => [.. new ArchitectureRegistry().Names];

    [Fact]
    public void A_family_reads_top_to_bottom_on_one_page()
    {
        foreach (string file in Directory.GetFiles(Repository.Path("src", "Transformer.Core", "Architectures"), "*Architecture.cs"))
            File.ReadAllLines(file).Length.Should().BeLessThanOrEqualTo(150, file);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_a_family_needs_is_asked_for_by_name(string name)
    {
        Metadata metadata = new(name);
        foreach (string key in new[] { "vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings" })
        {
            object value = metadata.Values[key];
            metadata.Values.Remove(key);
            Configure(metadata).Should().Throw<ModelFileException>().WithMessage($"*{key}*");
            metadata.Values[key] = -1L;
            Configure(metadata).Should().Throw<ModelFileException>().WithMessage($"*{key}*at least 1*-1*");
            metadata.Values[key] = value;
        }
        Configure(metadata).Should().NotThrow();
    }

    [Theory]
    [InlineData("gemma2", "layer_types", "one entry a layer (3)")]
    [InlineData("smollm3", "no_rope_layers", "one entry a layer (3)")]
    [InlineData("gemma2", "query_pre_attn_scalar", "a number above 0")]
    [InlineData("gemma3", "sliding_window_pattern", "at least 1")]
    [InlineData("bloom", "apply_residual_connection_post_layernorm", "false")]
    [InlineData("qwen3", "rope_scaling.type", "yarn, llama3")]
    [InlineData("qwen2", "hidden_act", "silu")]
    [InlineData("gptneox", "layer_norm_eps", "above 0")]
    [InlineData("deepseek2", "scoring_func", "softmax, sigmoid")]
    [InlineData("deepseek2", "kv_lora_rank", "at least 1")]
    [InlineData("deepseek2", "routed_scaling_factor", "a number above 0")]
    public void What_cannot_be_is_refused_with_its_key(string name, string key, string expected)
    {
        Metadata metadata = new(name);
        metadata.Values[key] = key switch
        {
            "layer_types" => new[] { "full_attention" },
            "no_rope_layers" => new[] { 1L },
            "apply_residual_connection_post_layernorm" => true,
            "rope_scaling.type" or "hidden_act" or "scoring_func" => "odd",
            "routed_scaling_factor" => -1.0,
            _ => 0L,
        };
        Configure(metadata).Should().Throw<TransformerException>().WithMessage($"*{expected}*");
    }

    [Theory]
    [InlineData("gemma2", "final_logit_softcapping", "Logit cap")]
    [InlineData("gemma2", "attn_logit_softcapping", "ScoreCap")]
    [InlineData("qwen3", "rope_theta", "RopeTheta")]
    [InlineData("gptneox", "partial_rotary_factor", "RotaryDim")]
    [InlineData("deepseek2", "num_experts_per_tok", "ExpertsPerToken: expected 1 to 4, found 5")]
    [InlineData("deepseek2", "n_group", "Groups: expected a divisor of 4 experts, found 3")]
    public void What_a_component_refuses_is_a_problem_of_the_build(string name, string key, string expected)
    {
        Metadata metadata = new(name);
        metadata.Values[key] = key switch
        {
            "num_experts_per_tok" => 5L,
            "n_group" => 3L,
            _ => 0.0,
        };
        TransformerBuilder builder = new TransformerBuilder().WithRandomWeights(1);
        new ArchitectureRegistry().Find(metadata).Configure(builder, metadata);
        builder.Invoking(b => b.Build()).Should().Throw<ModelBuildException>().WithMessage($"*{expected}*");
    }

    [Fact]
    public void Layers_beyond_those_of_the_file_follow_the_family_s_rule()
    {
        Metadata metadata = new("smollm3");
        metadata.Values["no_rope_layers"] = new[] { 1L, 1L, 1L };
        metadata.Values["layer_types"] = new[] { "full_attention", "full_attention", "full_attention" };
        metadata.Values["sliding_window"] = 5L;
        TransformerBuilder builder = new TransformerBuilder().WithRandomWeights(1);
        new ArchitectureRegistry().Find(metadata).Configure(builder, metadata);
        builder.WithLayers(6).Build().Layers.Should().HaveCount(6);
    }

    [Theory]
    [InlineData(4096, new[] { 1.0, 1.5, 2, 3 })]
    [InlineData(4097, new[] { 1.0, 2, 4, 8 })]
    public void LongRope_goes_by_the_context_length(int context, double[] divisors)
    {
        // Magnitude: Ding et al., equation of section 3: √(1 + ln(stretch)/ln(trained length)).
        TransformerModel model = Phi3(longFactor: [1, 2, 4, 8], b => b.WithContextLength(context)).Build();
        RotaryPositions expected = new(8, 10000, RopePairing.HalfSplit, new RopeScaling.PerFrequency([.. divisors.Select(d => (float)d)], Math.Sqrt(1 + (Math.Log(2) / Math.Log(4096)))));
        Rotated(model.Positions).Should().Equal(Rotated(expected));
    }

    [Fact]
    public void LongRope_without_its_lists_is_refused()
    {
        Phi3(longFactor: null, _ => { }).Invoking(b => b.Build()).Should().Throw<ModelBuildException>().WithMessage("*short_factor and long_factor*");
        Phi3(longFactor: [1, 2, 0, 4], _ => { }).Invoking(b => b.Build()).Should().Throw<ModelBuildException>().WithMessage("*Divisor 2*above 0*");
        Phi3(longFactor: [1, 2, 4], _ => { }).Invoking(b => b.Build()).Should().Throw<ModelBuildException>().WithMessage("*4 divisors, found 3*");
    }

    private static TransformerBuilder Phi3(double[]? longFactor, Action<TransformerBuilder> change)
    {
        Metadata metadata = new("phi3");
        metadata.Values["max_position_embeddings"] = 8192L;
        metadata.Values["rope_scaling.original_max_position_embeddings"] = 4096L;
        metadata.Values["rope_scaling.type"] = "longrope";
        metadata.Values["rope_scaling.short_factor"] = new double[] { 1, 1.5, 2, 3 };
        if (longFactor is not null)
            metadata.Values["rope_scaling.long_factor"] = longFactor;
        TransformerBuilder builder = new TransformerBuilder().WithRandomWeights(1);
        new ArchitectureRegistry().Find(metadata).Configure(builder, metadata);
        change(builder);
        return builder;
    }

    private static float[] Rotated(IPositionalEncoder positions)
    {
        float[] vector = [1, 2, 3, 4, 5, 6, 7, 8];
        positions.Rotate([5], new MatrixSpan(vector, 1, 8), 8);
        return vector;
    }

    private static Action Configure(Metadata metadata) => () => new ArchitectureRegistry().Find(metadata).Configure(new TransformerBuilder(), metadata);

    private sealed class Metadata(string architecture) : IModelMetadata
    {
        public Dictionary<string, object> Values { get; } = new()
        {
            ["vocab_size"] = 20L,
            ["max_position_embeddings"] = 32L,
            ["hidden_size"] = 16L,
            ["num_hidden_layers"] = 3L,
            ["num_attention_heads"] = 2L,
            ["intermediate_size"] = 24L,
        };

        public string Origin => "a test";

        public string Architecture => architecture;

        public IEnumerable<string> Keys => Values.Keys;

        public object? Find(string key) => Values.GetValueOrDefault(key) ?? (architecture.StartsWith("deepseek", StringComparison.Ordinal) || architecture.StartsWith("gpt-oss", StringComparison.Ordinal) || architecture.StartsWith("gpt_oss", StringComparison.Ordinal) ? Experts.GetValueOrDefault(key) : null);

        private static Dictionary<string, object> Experts { get; } = new()
        {
            ["kv_lora_rank"] = 8L,
            ["qk_nope_head_dim"] = 4L,
            ["qk_rope_head_dim"] = 2L,
            ["v_head_dim"] = 4L,
            ["num_experts"] = 4L,
            ["num_experts_per_tok"] = 2L,
            ["moe_intermediate_size"] = 6L,
        };
    }
}
