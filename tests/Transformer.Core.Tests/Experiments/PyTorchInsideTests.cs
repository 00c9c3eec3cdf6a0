using System.Text.Json;
using Transformer.Core.Experiments;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Experiments;

/// <summary>Attention patterns and the logit lens against PyTorch, which computed in double precision (tests/reference).</summary>
public class PyTorchInsideTests
{
    [Theory]
    [InlineData("article-tiny")]
    [InlineData("llama-tiny")]
    public void Patterns_are_PyTorch_s(string name)
    {
        (TransformerModel model, int[] tokens, JsonElement inside) = Open(name);
        AttentionMaps maps = AttentionMaps.Of(model, tokens);
        JsonElement[] layers = [.. inside.GetProperty("patterns").EnumerateArray()];
        maps.Layers.Should().Be(layers.Length);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            JsonElement[] heads = [.. layers[layer].EnumerateArray()];
            maps.Heads(layer).Should().Be(heads.Length);
            for (int head = 0; head < heads.Length; head++)
            {
                int row = 0;
                foreach (JsonElement expected in heads[head].EnumerateArray())
                    Worst(maps.Pattern(layer, head)[row++].ToArray(), expected.Floats()).Should().BeLessThan(1e-4f);
                row.Should().Be(tokens.Length);
            }
        }
    }

    [Theory]
    [InlineData("article-tiny")]
    [InlineData("llama-tiny")]
    public void The_logit_lens_is_PyTorch_s(string name)
    {
        (TransformerModel model, int[] tokens, JsonElement inside) = Open(name);
        LogitLens lens = LogitLens.Of(model, tokens, top: model.VocabSize);
        JsonElement[] layers = [.. inside.GetProperty("lens").EnumerateArray()];
        lens.Rows.Should().HaveCount(1 + layers.Length);
        for (int layer = 0; layer < layers.Length; layer++)
        {
            int place = 0;
            foreach (JsonElement row in layers[layer].EnumerateArray())
            {
                float[] expected = row.Floats();
                LensEntry entry = lens.Rows[layer + 1].Entries[place];
                Worst([.. entry.Top.OrderBy(token => token.Token).Select(token => token.Logit)], expected).Should().BeLessThan(1e-4f * expected.Max(Math.Abs));

                double total = Math.Log(expected.Sum(logit => Math.Exp(logit)));
                entry.Top[0].Token.Should().Be(Array.IndexOf(expected, expected.Max()));
                entry.Top[0].Probability.Should().BeApproximately(Math.Exp(expected.Max() - total), 1e-4);
                if (place + 1 < tokens.Length)
                    entry.LossOfNext.Should().BeApproximately(total - expected[tokens[place + 1]], 1e-3);
                else
                    entry.LossOfNext.Should().BeNull();
                place++;
            }
        }
    }

    private static float Worst(float[] actual, float[] expected)
    {
        actual.Should().HaveSameCount(expected);
        return actual.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
    }

    private static (TransformerModel Model, int[] Tokens, JsonElement Inside) Open(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Reference.Folder(name), "inside.json")));
        return (TransformerBuilder.FromPretrained(Reference.Folder(name)).Build(), Reference.Logits(name).Tokens, document.RootElement.Clone());
    }
}
