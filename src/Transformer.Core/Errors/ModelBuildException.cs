namespace Transformer.Core;

/// <summary>A model description cannot be built. Lists every problem found, not only the first.</summary>
public sealed class ModelBuildException : TransformerException
{
    /// <summary>Creates the exception from the problems found.</summary>
    public ModelBuildException(IReadOnlyList<string> problems)
        : base($"The model cannot be built, {problems.Count} problem(s):{string.Concat(problems.Select(p => Environment.NewLine + "  - " + p))}")
    {
        Problems = problems;
    }

    /// <summary>Every problem, each naming the option or tensor, what was expected and what was found.</summary>
    public IReadOnlyList<string> Problems { get; }
}
