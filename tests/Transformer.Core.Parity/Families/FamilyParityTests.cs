using Transformer.Core.Parity.LlamaCpp;
using Transformer.Core.Parity.Support;

namespace Transformer.Core.Parity.Families;

/// <summary>Every family against llama.cpp, and against itself in its other file format and its other ways to compute.</summary>
public sealed class FamilyParityTests
{
    public static TheoryData<string> Names => [.. FamilyTable.All.Select(family => family.Name)];

    public static TheoryData<string> NamesInLlamaCpp => [.. FamilyTable.All.Where(family => family.InLlamaCpp).Select(family => family.Name)];

    [LlamaTheory]
    [MemberData(nameof(NamesInLlamaCpp))]
    public void Logits_of_every_position_are_llama_cpps(string name) => FamilyRun.Of(name).Difference.Should().BeLessThan(1e-4);

    [LlamaTheory]
    [MemberData(nameof(NamesInLlamaCpp))]
    public void Greedy_tokens_are_llama_cpps(string name)
    {
        FamilyRun run = FamilyRun.Of(name);
        run.Tokens.Should().Equal(run.TheirTokens);

        // Random models soon repeat themselves; what they say after each token of a random text differs.
        run.Favourites.Distinct().Count().Should().BeGreaterThan(3);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Prefill_token_by_token_and_batch_are_one(string name)
    {
        Family family = FamilyTable.Find(name);
        using TemporaryFolder folder = new();
        TransformerModel model = FamilyRun.Open(family.WriteGguf(folder), family);
        int[] prompt = FamilyRun.PromptOf(family);
        float[][] prefill = model.Prefill(prompt);
        Logits.Difference(model.TokenByToken(prompt), prefill).Should().BeLessThan(1e-5);
        Logits.Difference([model.InBatch(prompt)], [prefill[^1]]).Should().BeLessThan(1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Safetensors_of_the_same_weights_give_the_same_logits(string name)
    {
        Family family = FamilyTable.Find(name);
        using TemporaryFolder folder = new();
        int[] prompt = FamilyRun.PromptOf(family);
        float[][] gguf = FamilyRun.Open(family.WriteGguf(folder), family).Prefill(prompt);
        float[][] safetensors = FamilyRun.Open(family.WriteFolder(folder), family).Prefill(prompt);
        Logits.Difference(safetensors, gguf).Should().BeLessThan(1e-5);
    }
}
