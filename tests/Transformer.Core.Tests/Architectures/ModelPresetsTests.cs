using Transformer.Core.Architectures;

namespace Transformer.Core.Tests.Architectures;

public class ModelPresetsTests
{
    /// <summary>
    /// Parameters as Hugging Face shows them for the published safetensors, or as the papers say them (then to the
    /// digits they give).
    /// </summary>
    public static TheoryData<string, double, double> Published => new()
    {
        { "gpt2", 124_439_808, 0 },
        { "gpt2-xl", 1_557_611_200, 0 },
        { "pythia-6.9b", 6_857_302_016, 0 },
        { "gpt-neox-20b", 20_554_567_680, 0 },
        { "bloom-560m", 559_214_592, 0 },
        { "bloom", 176_247_271_424, 0 },
        { "llama-2-7b", 6_738_415_616, 0 },
        { "llama-3.1-8b", 8_030_261_248, 0 },
        { "llama-3.2-1b", 1_235_814_400, 0 },
        { "mistral-7b", 7_241_732_096, 0 },
        { "qwen2.5-0.5b", 494_032_768, 0 },
        { "qwen2.5-7b", 7_615_616_512, 0 },
        { "qwen3-0.6b", 596_049_920, 0 },
        { "qwen3-8b", 8_190_735_360, 0 },
        { "gpt-oss-20b", 20_914_757_184, 0 },
        { "gpt-oss-120b", 116_829_156_672, 0 },
        { "mixtral-8x7b", 46_702_792_704, 0 },
        { "qwen3-30b-a3b", 30_532_122_624, 0 },
        { "qwen3-235b-a22b", 235_093_634_560, 0 },
        { "deepseek-v2-lite", 15_706_484_224, 0 },
        { "deepseek-v2", 235_741_434_880, 0 },

        // Published as 671B: without the layer that predicts a second token.
        { "deepseek-v3", 671_026_419_200, 0 },
        { "deepseek-r1", 671_026_419_200, 0 },
        { "olmo-2-7b", 7.3e9, 0.05e9 },
        { "phi-3-mini-4k", 3_821_079_552, 0 },
        { "smollm3-3b", 3_075_098_624, 0 },
        { "gemma-2-2b", 2_614_341_888, 0 },
        { "gemma-2-9b", 9_241_705_984, 0 },
        { "gemma-2-27b", 27_227_128_320, 0 },
        { "gemma-3-1b", 999_885_952, 0 },
        { "gemma-3-27b", 27.0e9, 0.05e9 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Parameters_are_those_published(string name, double parameters, double tolerance) =>
        ((double)TransformerBuilder.FromPreset(name).Describe().ParameterCount).Should().BeApproximately(parameters, tolerance);

    [Fact]
    public void Every_preset_is_checked() => Published.Select(row => (string)row[0]).Should().BeEquivalentTo(ModelPresets.Names);

    [Fact]
    public void A_preset_is_a_builder()
    {
        TransformerModel model = TransformerBuilder.FromPreset("Qwen3-0.6B").WithLayers(2).WithVocabulary(50).WithHiddenSize(32).WithIntermediateSize(48).WithContextLength(64).WithRandomWeights(1).Build();
        using DecoderSession session = model.CreateSession();
        session.Forward([1, 2, 3]).Length.Should().Be(50);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_those_known() =>
        FluentActions.Invoking(() => TransformerBuilder.FromPreset("gpt-5")).Should().Throw<UnsupportedModelException>().WithMessage("*gpt-5*qwen3-8b*");
}
