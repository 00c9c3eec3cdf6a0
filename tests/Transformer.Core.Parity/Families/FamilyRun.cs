using System.Collections.Concurrent;
using Transformer.Core.Parity.LlamaCpp;
using Transformer.Core.Parity.Support;

namespace Transformer.Core.Parity.Families;

/// <summary>One family's GGUF file in llama.cpp and in ours: computed once, asked by several tests.</summary>
internal sealed class FamilyRun
{
    public const int PromptLength = 64;
    public const int Generated = 64;

    private static readonly ConcurrentDictionary<string, Lazy<FamilyRun>> Runs = new();

    private FamilyRun(Family family)
    {
        int[] prompt = PromptOf(family);
        using TemporaryFolder folder = new();
        string path = family.WriteGguf(folder);
        TransformerModel model = Open(path, family);
        GgmlGelu? gelu = family.Gelu ? new GgmlGelu() : null;
        float[][] ours = [.. model.Prefill(prompt, gelu), .. model.Greedy(prompt, Generated, gelu)];

        using LlamaReference llama = new(path, family.Context ?? family.Sizes.Context);
        float[][] theirPrefill = llama.Forward(prompt);
        float[][] theirs = [.. theirPrefill, .. llama.Greedy(theirPrefill[^1], Generated)];

        Favourites = [.. ours.Take(PromptLength).Select(row => Logits.ArgMax(row))];
        Tokens = [.. ours.Skip(PromptLength).Select(row => Logits.ArgMax(row))];
        TheirTokens = [.. theirs.Skip(PromptLength).Select(row => Logits.ArgMax(row))];
        Difference = Logits.Difference(ours, theirs);
        PlainDifference = gelu is null ? Difference : Logits.Difference(model.Prefill(prompt), theirPrefill);
    }

    /// <summary>Our most likely token after each of the prompt.</summary>
    public int[] Favourites { get; }

    /// <summary>Ours, greedy after the prompt.</summary>
    public int[] Tokens { get; }

    public int[] TheirTokens { get; }

    /// <summary>Largest difference of the logits, of the prompt and of each generated token, over their largest magnitude.</summary>
    public double Difference { get; }

    /// <summary>The same of the prompt, with our own GELU instead of ggml's rounded one.</summary>
    public double PlainDifference { get; }

    public static FamilyRun Of(string name) => Runs.GetOrAdd(name, key => new Lazy<FamilyRun>(() => new FamilyRun(FamilyTable.Find(key)))).Value;

    public static int[] PromptOf(Family family)
    {
        Random random = new(11);
        return [.. Enumerable.Range(0, PromptLength).Select(_ => random.Next(family.Sizes.Vocabulary))];
    }

    /// <summary>A GGUF file or a folder, with the positions that the family asks for.</summary>
    public static TransformerModel Open(string path, Family family)
    {
        TransformerBuilder builder = ModelLoader.Open(path).WithThreads(1);
        return (family.Context is { } context ? builder.WithContextLength(context) : builder).Build();
    }
}
