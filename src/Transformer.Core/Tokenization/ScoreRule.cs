namespace Transformer.Core.Tokenization;

/// <summary>SentencePiece's BPE: any two neighbours whose joined text is a token merge, the highest score first.</summary>
/// <param name="vocabulary">Token text to id.</param>
/// <param name="scores">Per id its score.</param>
internal sealed class ScoreRule(Dictionary<string, int> vocabulary, double[] scores) : IMergeRule
{
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <inheritdoc/>
    public bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int id, out double priority)
    {
        bool merges = _ids.TryGetValue(joined, out id);
        priority = merges ? scores[id] : 0;
        return merges;
    }
}
