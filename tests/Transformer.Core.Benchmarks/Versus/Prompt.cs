namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Tokens drawn beforehand, so that nothing but the model is measured.</summary>
/// <param name="Prefill">A prompt, timed.</param>
/// <param name="Fill">More of it, not timed, up to the depth at which tokens are decoded.</param>
/// <param name="Decode">Tokens decoded one by one, timed.</param>
internal sealed record Prompt(int[] Prefill, int[] Fill, int[] Decode)
{
    /// <summary>Draws ids below <paramref name="vocabulary"/>, the same every time.</summary>
    public static Prompt Draw(int prefill, int fill, int decode, int vocabulary)
    {
        Random random = new(1);
        return new Prompt(Ids(prefill), Ids(fill), Ids(decode));

        int[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
