using Transformer.Core.Sampling;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Options become steps in their order.</summary>
public class SamplerChainTests
{
    private static readonly LetterTokenizer Tokenizer = new();

    [Fact]
    public void The_order_decides()
    {
        // p = 0.6, 0.4. Cut at 0.5 first, one token is left; flattened first, both are.
        float[] logits = Logits(MathF.Log(0.6f), MathF.Log(0.4f));
        GenerationOptions options = new() { Temperature = 100, TopP = 0.55, Seed = 1 };
        Chosen(options, logits).Should().Equal(0);
        Chosen(options with { SamplingOrder = [SamplingStep.Temperature, SamplingStep.TopP] }, logits).Should().Equal(0, 1);
        Chosen(options with { SamplingOrder = [SamplingStep.Temperature] }, logits).Should().Equal([0, 1], "what is not in the order is not done");
    }

    [Fact]
    public void A_bias_comes_first_and_bans()
    {
        float[] logits = Logits(3, 2, 1);
        Chosen(new GenerationOptions { LogitBias = new Dictionary<int, double> { [0] = double.NegativeInfinity } }, logits).Should().Equal(1);
        Chosen(new GenerationOptions { LogitBias = new Dictionary<int, double> { [2] = 5 } }, logits).Should().Equal(2);
        Chosen(new GenerationOptions { Temperature = 1, TopK = 1, LogitBias = new Dictionary<int, double> { [2] = 5 } }, logits).Should().Equal(2);
    }

    [Fact]
    public void Penalties_work_on_the_text()
    {
        float[] logits = Logits(3, 2.5f, 1);
        Chosen(new GenerationOptions { PresencePenalty = 1 }, logits, [0]).Should().Equal(1);
        Chosen(new GenerationOptions { FrequencyPenalty = 0.3 }, logits, [0]).Should().Equal(0);
        Chosen(new GenerationOptions { FrequencyPenalty = 0.3 }, logits, [0, 0]).Should().Equal(1);
        Chosen(new GenerationOptions { FrequencyPenalty = 0.3, RepetitionWindow = 1 }, logits, [0, 0]).Should().Equal(0);
        Chosen(new GenerationOptions { NoRepeatNgramSize = 2 }, logits, [7, 0, 8, 7]).Should().Equal(1);
        Chosen(new GenerationOptions { DryMultiplier = 1, DryAllowedLength = 1 }, logits, [7, 0, 8, 7]).Should().Equal(1);
    }

    [Fact]
    public void Dry_stops_at_the_breakers_of_the_text()
    {
        // "w31" holds the breaker "31", "w3" would only begin it.
        float[] logits = Logits(3, 2.5f, 1);
        GenerationOptions options = new() { DryMultiplier = 1, DryAllowedLength = 1 };
        Chosen(options with { DrySequenceBreakers = ["31"] }, logits, [31, 0, 8, 31]).Should().Equal(0);
        Chosen(options with { DrySequenceBreakers = ["32"] }, logits, [31, 0, 8, 31]).Should().Equal(1);

        // "gh" over two tokens: g (8), then h (9).
        Chosen(options with { DrySequenceBreakers = ["gh"] }, logits, [8, 9, 0, 20, 8, 9]).Should().Equal(0);
        Chosen(options with { DrySequenceBreakers = ["gi"] }, logits, [8, 9, 0, 20, 8, 9]).Should().Equal(1);
    }

    [Fact]
    public void Mirostat_takes_the_place_of_what_cuts_off()
    {
        float[] logits = Logits(MathF.Log(0.5f), MathF.Log(0.3f), MathF.Log(0.2f));
        Chosen(new GenerationOptions { Temperature = 1, TopK = 1, Mirostat = 2, Seed = 3 }, logits).Should().Equal(0, 1, 2);
        Chosen(new GenerationOptions { Temperature = 1, Mirostat = 2, MirostatTau = 0.3, MirostatEta = 0, Seed = 3 }, logits).Should().Equal(0);
        Chosen(new GenerationOptions { Temperature = 1, TopK = 1, Mirostat = 1, Seed = 3 }, Noise.Floats(1, TinyModels.Vocabulary)).Should().HaveCountGreaterThan(1);
    }

    [Fact]
    public void Steps_and_choice_allocate_nothing_once_they_are_warm()
    {
        GenerationOptions options = new()
        {
            Temperature = 0.8,
            DynamicTemperatureRange = 0.3,
            TopK = 40,
            TopP = 0.95,
            MinP = 0.01,
            TypicalP = 0.98,
            TopNSigma = 3,
            XtcProbability = 0.5,
            RepetitionPenalty = 1.1,
            FrequencyPenalty = 0.1,
            PresencePenalty = 0.1,
            NoRepeatNgramSize = 3,
            DryMultiplier = 0.8,
            Seed = 1,
            LogitBias = new Dictionary<int, double> { [3] = 1 },
        };
        Core.Generation.TokenChoice choice = options.CreateChoice(Tokenizer);
        float[] logits = Noise.Floats(1, TinyModels.Vocabulary, 2);
        int[] tokens = Noise.Tokens(2, 300, 20);
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 5 && allocated > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
                choice.Choose(logits, tokens);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        allocated.Should().Be(0);
    }

    /// <summary>The tokens that come up in many choices, in order.</summary>
    private static IEnumerable<int> Chosen(GenerationOptions options, float[] logits, int[]? tokens = null)
    {
        Core.Generation.TokenChoice choice = options.CreateChoice(Tokenizer);
        return Enumerable.Range(0, 200).Select(_ => choice.Choose(logits, tokens ?? [])).Distinct().Order().ToArray();
    }

    private static float[] Logits(params float[] first)
    {
        float[] logits = new float[TinyModels.Vocabulary];
        logits.AsSpan().Fill(-1e6f);
        first.CopyTo(logits, 0);
        return logits;
    }
}
