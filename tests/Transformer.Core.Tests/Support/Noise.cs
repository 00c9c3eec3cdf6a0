namespace Transformer.Core.Tests.Support;

/// <summary>Numbers that look random and are the same in every run.</summary>
internal static class Noise
{
    /// <summary>Close to normal, mean 0.</summary>
    public static float[] Floats(int seed, int count, double deviation = 1)
    {
        Random random = new(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)((random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 2 * deviation);
        return values;
    }

    public static int[] Tokens(int seed, int count, int vocabulary)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(vocabulary))];
    }
}
