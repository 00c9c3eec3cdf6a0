using Transformer.Core.Tests.Support;
using Xunit.Abstractions;

namespace Transformer.Core.Tests.Golden;

/// <summary>Tiny models with random weights against PyTorch, which computed in double precision (tests/reference).</summary>
public class PyTorchParityTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("article-tiny")]
    [InlineData("article-28x4")]
    [InlineData("gpt2-tiny")]
    [InlineData("llama-tiny")]
    [InlineData("llama-tiny-llama3")] // BF16, in two shards
    [InlineData("gptneox-tiny")] // exact GELU, which llama.cpp approximates
    [InlineData("mistral-tiny")] // a window, which llama.cpp does not apply
    [InlineData("phi3-tiny")] // a window, and LongRoPE beyond the trained length
    public void Logits_of_every_position_are_PyTorch_s(string name)
    {
        (int[] tokens, float[] expected) = Reference.Logits(name);
        TransformerModel model = TransformerBuilder.FromPretrained(Reference.Folder(name)).Build();

        double together = Difference.Relative(model.AllLogits(tokens), expected);
        double worstAlone = 0;
        using DecoderSession session = model.CreateSession();
        for (int i = 0; i < tokens.Length; i++)
            worstAlone = Math.Max(worstAlone, Difference.Relative(session.Forward(tokens[i]), expected.AsSpan(i * model.VocabSize, model.VocabSize)));

        output.WriteLine($"{name}: one pass {together:e2}, token by token {worstAlone:e2}");
        together.Should().BeLessThan(1e-4);
        worstAlone.Should().BeLessThan(1e-4);
    }
}
