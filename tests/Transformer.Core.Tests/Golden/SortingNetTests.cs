using System.Text.Json;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Golden;

/// <summary>A trained network of GPT-2's architecture that sorts six letters, with every intermediate of three inputs.</summary>
public class SortingNetTests
{
    [DataFact]
    public void Sorts_every_reference_input()
    {
        TransformerModel model = Load();
        foreach (JsonElement row in Goldens.Lines("golden", "completions", "gpt-nano-sort.jsonl"))
        {
            using DecoderSession session = model.CreateSession();
            List<int> sorted = [];
            ReadOnlySpan<float> logits = session.Forward(row.Ints("prompt_ids"));
            for (int i = 0; i < 6; i++)
            {
                sorted.Add(ArgMax.Compute(logits));
                if (i < 5)
                    logits = session.Forward(sorted[^1]);
            }
            sorted.Should().Equal(row.Ints("gen_ids"));
            session.Logits.ToArray().Should().BeEquivalentTo(row.Floats("last_logits"), o => o.WithStrictOrdering()
                .Using<float>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-4f)).WhenTypeIs<float>());
        }
    }

    [DataFact]
    public void Every_named_point_is_the_reference_s()
    {
        TransformerModel model = Load();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(TestData.Path("models", "gpt-nano-sort-hf", "golden_activations.json")));
        int[] ids = [.. document.RootElement.GetProperty("idx").Floats("data").Select(f => (int)f)];
        for (int input = 0; input < 3; input++)
        {
            using DecoderSession session = model.CreateSession();
            Recorder recorder = new();
            session.Observer = recorder;
            float[] logits = new float[11 * 3];
            session.ForwardAll(ids.AsSpan(input * 11, 11), new MatrixSpan(logits, 11, 3));
            for (int layer = 0; layer < 3; layer++)
                Compare(recorder.Seen[$"layers.{layer}.residual.after"], Expected($"block{layer}"));
            Compare(recorder.Seen["final_norm"], Expected("ln_f"));
            Compare(recorder.Seen["logits"], Expected("lm_head"));
            float[] probabilities = [.. recorder.Seen["logits"]];
            for (int row = 0; row < 11; row++)
                Softmax.Compute(probabilities.AsSpan(row * 3, 3));
            Compare(probabilities, Expected("probs"));

            float[] Expected(string name)
            {
                float[] all = document.RootElement.GetProperty(name).Floats("data");
                return all[(input * all.Length / 3)..((input + 1) * all.Length / 3)];
            }
        }
    }

    private static TransformerModel Load() => TransformerBuilder.FromPretrained(TestData.Path("models", "gpt-nano-sort-hf")).Build();

    private static void Compare(float[] actual, float[] expected)
    {
        actual.Length.Should().Be(expected.Length);
        for (int i = 0; i < actual.Length; i++)
            actual[i].Should().BeApproximately(expected[i], 1e-4f);
    }

    private sealed class Recorder : IActivationObserver
    {
        public Dictionary<string, float[]> Seen { get; } = [];

        public bool Wants(int layer, string point) => true;

        public void Observe(in Activation activation)
        {
            float[] copy = new float[activation.Values.Rows * activation.Values.Columns];
            activation.Values.CopyTo(new MatrixSpan(copy, activation.Values.Rows, activation.Values.Columns));
            Seen[activation.Name] = copy;
        }
    }
}
