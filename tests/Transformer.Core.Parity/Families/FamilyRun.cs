using System.Collections.Concurrent;
using Transformer.Core.Parity.Llama;
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
        Prompt = PromptOf(family);
        using TemporaryFolder folder = new();
        string path = family.WriteGguf(folder);
        Model = Open(path, family);
        GgmlGelu? gelu = family.Gelu ? new GgmlGelu() : null;
        Logits = Model.Prefill(Prompt, gelu);
        Tokens = Model.Greedy(Prompt, Generated, gelu);

        using LlamaReference llama = new(path, family.Context ?? family.Sizes.Context);
        TheirLogits = llama.Forward(Prompt);
        TheirTokens = new int[Generated];
        float[] row = TheirLogits[^1];
        for (int i = 0; i < Generated; i++)
        {
            TheirTokens[i] = Support.Logits.ArgMax(row);
            row = llama.Forward([TheirTokens[i]])[0];
        }
        Difference = Support.Logits.Difference(Logits, TheirLogits);
        PlainDifference = gelu is null ? Difference : Support.Logits.Difference(Model.Prefill(Prompt), TheirLogits);
    }

    public TransformerModel Model { get; }

    public int[] Prompt { get; }

    /// <summary>Ours after every token of the prompt.</summary>
    public float[][] Logits { get; }

    public float[][] TheirLogits { get; }

    /// <summary>Ours, greedy after the prompt.</summary>
    public int[] Tokens { get; }

    public int[] TheirTokens { get; }

    /// <summary>Largest difference of the prompt's logits over their largest magnitude.</summary>
    public double Difference { get; }

    /// <summary>The same with our own GELU instead of ggml's rounded one.</summary>
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
