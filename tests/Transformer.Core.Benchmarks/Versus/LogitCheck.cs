namespace Transformer.Core.Benchmarks.Versus;

/// <summary>Whether both engines compute the same: the logits after a prompt, and after one more token.</summary>
/// <param name="Prompt">Largest difference after the prompt, relative to the largest magnitude.</param>
/// <param name="Next">The same after one more token.</param>
/// <param name="Largest">The largest magnitude.</param>
internal sealed record LogitCheck(double Prompt, double Next, double Largest)
{
    /// <summary>Engines further apart than this do different work, and are not timed.</summary>
    public const double Limit = 0.05;

    /// <summary>False also where a logit is not finite.</summary>
    public bool Passed => Prompt <= Limit && Next <= Limit;

    public static LogitCheck Run(IEngine ours, IEngine theirs, ReadOnlySpan<int> prompt, int next)
    {
        ours.Clear();
        theirs.Clear();
        (double prompts, double largest) = Compare(ours.Forward(prompt), theirs.Forward(prompt));
        (double nexts, _) = Compare(ours.Forward([next]), theirs.Forward([next]));
        return new LogitCheck(prompts, nexts, largest);
    }

    private static (double Difference, double Largest) Compare(ReadOnlySpan<float> ours, ReadOnlySpan<float> theirs)
    {
        if (ours.Length != theirs.Length)
            throw new InvalidOperationException($"{ours.Length} logits against {theirs.Length}.");
        double difference = 0, largest = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            // Math.Max passes NaN on, so a NaN anywhere fails the check.
            difference = Math.Max(difference, Math.Abs((double)ours[i] - theirs[i]));
            largest = Math.Max(largest, Math.Abs((double)theirs[i]));
        }
        return (difference / largest, largest);
    }
}
