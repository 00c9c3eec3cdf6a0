using Transformer.Core.Generation;
using Transformer.Core.Sampling;
using Transformer.Core.Tests.Support;
using Transformer.Core.Tests.Tokenization;
using Transformer.Core.Tests.Weights;

namespace Transformer.Core.Tests.Generation;

/// <summary>How a checkpoint recommends to sample it.</summary>
public sealed class GenerationDefaultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_from_nothing_is_greedy()
    {
        GenerationOptions options = new TextGenerator(TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build()).DefaultOptions;
        (options.Temperature, options.TopK, options.TopP, options.RepetitionPenalty, options.MaxTokens).Should().Be((0, 0, 1, 1, 256));
    }

    [Fact]
    public void Every_key_that_gguf_has_is_read()
    {
        GenerationOptions options = GenerationDefaults.Of(Metadata("general.sampling.",
            ("temp", 0.6), ("top_k", 20L), ("top_p", 0.95), ("min_p", 0.01), ("xtc_probability", 0.2), ("xtc_threshold", 0.15), ("penalty_last_n", -1L),
            ("penalty_repeat", 1.05), ("mirostat", 2L), ("mirostat_tau", 4.0), ("mirostat_eta", 0.2), ("sequence", "top_k;temperature;infill;typ_p;top-p")));
        (options.Temperature, options.TopK, options.TopP, options.MinP).Should().Be((0.6, 20, 0.95, 0.01));
        (options.XtcProbability, options.XtcThreshold).Should().Be((0.2, 0.15));
        (options.RepetitionWindow, options.RepetitionPenalty).Should().Be((int.MaxValue, 1.05));
        (options.Mirostat, options.MirostatTau, options.MirostatEta).Should().Be((2, 4, 0.2));
        options.SamplingOrder.Should().Equal(SamplingStep.NoRepeatNgram, SamplingStep.TopK, SamplingStep.Temperature, SamplingStep.Typical, SamplingStep.TopP);
    }

    [Fact]
    public void Gguf_without_a_temperature_has_llama_cpp_s() =>
        GenerationDefaults.Of(Metadata("general.sampling.", ("top_k", 20L))).Temperature.Should().Be(0.8);

    [Fact]
    public void Hugging_face_samples_only_if_it_says_so()
    {
        (string, object)[] values = [("temperature", 0.7), ("top_k", 20L), ("top_p", 0.8), ("min_p", 0.05), ("typical_p", 0.9), ("repetition_penalty", 1.1), ("no_repeat_ngram_size", 3L), ("max_new_tokens", 99L)];
        GenerationOptions options = GenerationDefaults.Of(Metadata("generation_config.", [("do_sample", true), .. values]));
        (options.Temperature, options.TopK, options.TopP, options.MinP, options.TypicalP).Should().Be((0.7, 20, 0.8, 0.05, 0.9));
        (options.RepetitionPenalty, options.RepetitionWindow, options.NoRepeatNgramSize, options.MaxTokens).Should().Be((1.1, int.MaxValue, 3, 99));
        options = GenerationDefaults.Of(Metadata("generation_config.", values));
        (options.Temperature, options.TopK, options.TopP).Should().Be((0, 0, 1));
        (options.RepetitionPenalty, options.NoRepeatNgramSize).Should().Be((1.1, 3));
        GenerationDefaults.Of(Metadata("generation_config.", ("do_sample", true))).Temperature.Should().Be(1);
    }

    [Theory]
    [InlineData("general.sampling.", "temp", double.NaN)]
    [InlineData("general.sampling.", "top_p", 2.0)]
    [InlineData("general.sampling.", "penalty_repeat", -1.0)]
    [InlineData("general.sampling.", "top_k", "many")]
    [InlineData("general.sampling.", "mirostat", 7L)]
    [InlineData("general.sampling.", "sequence", "top_k;top_k")]
    [InlineData("generation_config.", "repetition_penalty", 0.0)]
    [InlineData("generation_config.", "max_new_tokens", -5L)]
    public void A_value_that_cannot_be_names_the_file(string prefix, string key, object value) =>
        ((Action)(() => GenerationDefaults.Of(Metadata(prefix, (key, value))))).Should().Throw<ModelFileException>().Which.File.Should().Be("fake.gguf");

    [Fact]
    public void Calls_without_options_use_them_and_options_given_stand_alone()
    {
        TemporaryCopy.Of("llama-tiny", _folder);
        _folder.Write("generation_config.json", """{"do_sample": true, "temperature": 5.0, "max_new_tokens": 7, "transformers_version": "4.1"}""");
        TransformerModel model = ModelLoader.Open(_folder.Path, new LetterTokenizer()).Build();
        TextGenerator generator = new(model);
        GenerationOptions greedy = new() { MaxTokens = 40, IgnoreEndTokens = true };
        (generator.DefaultOptions.Temperature, generator.DefaultOptions.MaxTokens).Should().Be((5, 7));
        generator.Complete("abc").TokenIds.Count.Should().BeLessThanOrEqualTo(7);
        model.Complete("abc").TokenIds.Count.Should().BeLessThanOrEqualTo(7);
        generator.Complete("abc", greedy).TokenIds.Should().HaveCount(40).And.Equal(generator.Complete("abc", generator.DefaultOptions with { MaxTokens = 40, IgnoreEndTokens = true, Temperature = 0 }).TokenIds);
    }

    private static FakeMetadata Metadata(string prefix, params (string Key, object Value)[] values)
    {
        FakeMetadata metadata = new();
        foreach ((string key, object value) in values)
            metadata.Values[prefix + key] = value;
        return metadata;
    }
}
