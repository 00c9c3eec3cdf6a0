using LLama.Native;
using Transformer.Core.Parity.LlamaCpp;
using Transformer.Core.Parity.Tokenizers;
using Transformer.Core.Sampling;

namespace Transformer.Core.Parity.Sampling;

/// <summary>Each step, and chains of them, leave the tokens and logits that llama.cpp's leave, on random logits and texts.</summary>
public class SamplerParityTests
{
    private const int Vocabulary = 512;

    private static readonly Dictionary<string, (GenerationOptions Ours, Action<SafeLLamaSamplerChainHandle> Theirs)> Chains = new()
    {
        ["top-k"] = (new() { TopK = 17 }, c => c.AddTopK(17)),
        ["top-p"] = (new() { TopP = 0.8 }, c => c.AddTopP(0.8f, 1)),
        ["min-p"] = (new() { MinP = 0.07 }, c => c.AddMinP(0.07f, 1)),
        ["typical"] = (new() { TypicalP = 0.6 }, c => c.AddTypical(0.6f, 1)),
        ["top-n-sigma"] = (new() { TopNSigma = 1.3 }, c => c.AddTopNSigma(1.3f)),
        ["xtc"] = (new() { XtcProbability = 1, XtcThreshold = 0.05 }, c => c.AddXTC(1, 0.05f, 1, 1)),
        ["temperature"] = (new() { Temperature = 0.7 }, c => c.AddTemperature(0.7f)),
        ["dynamic temperature"] = (new() { Temperature = 1, DynamicTemperatureRange = 0.6, DynamicTemperatureExponent = 1.4 }, c => c.AddDynamicTemperature(1, 0.6f, 1.4f)),
        ["penalties"] = (new() { RepetitionPenalty = 1.2, FrequencyPenalty = 0.3, PresencePenalty = 0.2, RepetitionWindow = 40 }, c => c.AddPenalties(40, 1.2f, 0.3f, 0.2f)),
        ["repetition"] = (new() { RepetitionPenalty = 1.5, RepetitionWindow = 10 }, c => c.AddPenalties(10, 1.5f, 0, 0)),
        ["bias"] = (new() { LogitBias = new Dictionary<int, double> { [3] = 1.5, [100] = double.NegativeInfinity } }, c => c.AddLogitBias(Vocabulary, new[] { Bias(3, 1.5f), Bias(100, float.NegativeInfinity) })),
        ["the usual"] = (new() { Temperature = 0.8, TopK = 40, TopP = 0.95, MinP = 0.05 }, Usual),
        ["everything"] = (new() { Temperature = 0.9, DynamicTemperatureRange = 0.4, TopK = 60, TopP = 0.9, MinP = 0.02, TypicalP = 0.9, XtcProbability = 1, XtcThreshold = 0.1, RepetitionPenalty = 1.1, FrequencyPenalty = 0.1 }, Everything),
        ["another order"] = (new() { Temperature = 1.5, TopK = 30, MinP = 0.1, SamplingOrder = [SamplingStep.Temperature, SamplingStep.MinP, SamplingStep.TopK] }, AnotherOrder),
    };

    public static TheoryData<string> Names => new(Chains.Keys);

    [LlamaTheory]
    [MemberData(nameof(Names))]
    public void Chains_leave_what_llama_cpp_s_leave(string name)
    {
        (GenerationOptions options, Action<SafeLLamaSamplerChainHandle> add) = Chains[name];
        for (int seed = 0; seed < 40; seed++)
        {
            using LlamaChain theirs = new(add);
            Compare(theirs, options, Text(seed, seed * 3), Noise(seed, seed % 2 == 0 ? 2 : 5), null, $"{name}, seed {seed}");
        }
    }

    [LlamaVocabularyTheory]
    [InlineData("")]
    [InlineData("\n|:|\"|*")]
    [InlineData("the|nd|hat")] // none with a space: llama.cpp's detokenizer drops that of a single token
    public void Dry_is_llama_cpp_s(string joined)
    {
        string[] breakers = joined.Split('|', StringSplitOptions.RemoveEmptyEntries);
        string path = VocabularyData.PathOf("models", "stories260K.gguf");
        LLamaModelParams parameters = LLamaModelParams.Default();
        parameters.n_gpu_layers = 0;
        using SafeLlamaModelHandle model = SafeLlamaModelHandle.LoadFromFile(path, parameters);
        ITokenizer tokenizer = ModelLoader.Open(path).Build().Tokenizer!;
        int[] letters = tokenizer.Encode(" the cat and the hat: and the\n\"cat\"", addBos: false);
        for (int seed = 0; seed < 60; seed++)
        {
            // Of few tokens, so that much is repeated; some of them hold breakers.
            Random random = new(seed);
            int kinds = 2 + (seed % 6);
            int[] text = [.. Enumerable.Range(0, 20 + seed).Select(_ => letters[random.Next(kinds) * letters.Length / kinds])];
            int allowed = seed % 4, window = seed % 3 == 0 ? 15 : 2048;
            using LlamaChain theirs = new(c => c.AddDry(model, breakers, 0.8f, 1.75f, allowed, window));
            GenerationOptions options = new() { DryMultiplier = 0.8, DryAllowedLength = allowed, DryWindow = window, DrySequenceBreakers = breakers };
            Compare(theirs, options, text, Noise(seed, 2), tokenizer, $"seed {seed}");
        }
    }

    [LlamaTheory]
    [InlineData(1, 3)]
    [InlineData(1, 5)]
    [InlineData(2, 2)]
    [InlineData(2, 5)]
    public void Mirostat_lets_in_what_llama_cpp_s_lets_in(int version, float tau)
    {
        int compared = 0;
        for (int seed = 0; seed < 30; seed++)
        {
            float[] first = Noise(seed, 2.5), second = Noise(seed + 1000, 2.5);
            uint theirSeed = (uint)seed + 1;
            using LlamaChain theirs = new(c =>
            {
                if (version == 1)
                    c.AddMirostat1Sampler(Vocabulary, theirSeed, tau, 0.5f, 100);
                else
                    c.AddMirostat2Sampler(theirSeed, tau, 0.5f);
            });
            (Dictionary<int, float> left, int? chosen) = theirs.Apply(first);
            (Dictionary<int, float> next, _) = theirs.Apply(second);

            // Ours, with the first of our seeds that chooses the same token: then μ must be the same.
            for (ulong own = 0; own < 2000; own++)
            {
                Kept ours = new(version, tau, own);
                int choice = ours.Sample(first);
                ours.Ids.Should().Equal(left.Keys.Order(), $"seed {seed}");
                if (choice != chosen)
                    continue;
                ours.Sample(second);
                ours.Ids.Should().Equal(next.Keys.Order(), $"seed {seed}, after token {choice}");
                compared++;
                break;
            }
        }
        compared.Should().BeGreaterThan(20);
    }

    private static void Usual(SafeLLamaSamplerChainHandle c)
    {
        c.AddTopK(40);
        c.AddTopP(0.95f, 1);
        c.AddMinP(0.05f, 1);
        c.AddTemperature(0.8f);
    }

    private static void Everything(SafeLLamaSamplerChainHandle c)
    {
        c.AddPenalties(64, 1.1f, 0.1f, 0);
        c.AddTopK(60);
        c.AddTypical(0.9f, 1);
        c.AddTopP(0.9f, 1);
        c.AddMinP(0.02f, 1);
        c.AddXTC(1, 0.1f, 1, 1);
        c.AddDynamicTemperature(0.9f, 0.4f, 1);
    }

    private static void AnotherOrder(SafeLLamaSamplerChainHandle c)
    {
        c.AddTemperature(1.5f);
        c.AddMinP(0.1f, 1);
        c.AddTopK(30);
    }

    private static void Compare(LlamaChain theirs, GenerationOptions options, int[] text, float[] logits, ITokenizer? tokenizer, string because)
    {
        foreach (int token in text)
            theirs.Accept(token);
        Dictionary<int, float> expected = theirs.Apply(logits).Left;
        Recorder recorder = new();
        (options with { Sampler = () => recorder }).CreateChoice(tokenizer!).Choose(logits, text);
        recorder.Left.Keys.Order().Should().Equal(expected.Keys.Order(), because);
        foreach ((int id, float logit) in expected)
            recorder.Left[id].Should().BeApproximately(logit, 1e-4f * Math.Max(1, Math.Abs(logit)), $"{because}, token {id}");
    }

    private static float[] Noise(int seed, double deviation)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)(deviation * (random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2))];
    }

    private static int[] Text(int seed, int length)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(30))];
    }

    private static LLamaLogitBias Bias(int token, float bias) => new() { Token = token, Bias = bias };

    /// <summary>Keeps what reaches the choice.</summary>
    private sealed class Recorder : ISampler
    {
        public Dictionary<int, float> Left { get; } = [];

        public int Sample(ReadOnlySpan<float> logits)
        {
            for (int i = 0; i < logits.Length; i++)
                if (logits[i] != float.NegativeInfinity)
                    Left[i] = logits[i];
            return 0;
        }
    }

    /// <summary>Either version, and what it let in.</summary>
    private sealed class Kept(int version, float tau, ulong seed)
    {
        private readonly MirostatV1? _one = version == 1 ? new MirostatV1(tau, 0.5, seed) : null;
        private readonly MirostatV2? _two = version == 2 ? new MirostatV2(tau, 0.5, seed) : null;

        public IEnumerable<int> Ids { get; private set; } = [];

        public int Sample(float[] logits)
        {
            int chosen = _one?.Sample(logits) ?? _two!.Sample(logits);
            float[] kept = (_one is null ? _two!.Kept : _one.Kept).ToArray();
            Ids = [.. Enumerable.Range(0, kept.Length).Where(i => kept[i] != float.NegativeInfinity)];
            return chosen;
        }
    }
}
