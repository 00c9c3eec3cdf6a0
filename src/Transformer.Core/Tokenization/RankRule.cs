namespace Transformer.Core.Tokenization;

/// <summary>Hugging Face's BPE: the listed pairs merge, the first of the list first.</summary>
/// <param name="merges">Ids of left and right to the place in the list and the id of the result.</param>
internal sealed class RankRule(Dictionary<(int Left, int Right), (int Rank, int Id)> merges) : IMergeRule
{
    /// <inheritdoc/>
    public bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int id, out double priority)
    {
        bool found = merges.TryGetValue((left, right), out (int Rank, int Id) merge);
        id = merge.Id;
        priority = -merge.Rank;
        return found;
    }
}
