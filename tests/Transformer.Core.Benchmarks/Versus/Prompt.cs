namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Tokens drawn beforehand, so that nothing but the model is measured.</summary>
internal sealed record Prompt(int[] Prefill, int[] Decode)
{
    /// <summary>Draws ids below <paramref name="vocabulary"/>, the same every time.</summary>
    public static Prompt Draw(int prefill, int decode, int vocabulary)
    {
        Random random = new(1);
        return new Prompt(Ids(prefill), Ids(decode));

        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
