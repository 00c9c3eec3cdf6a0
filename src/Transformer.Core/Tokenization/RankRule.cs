namespace Transformer.Core.Tokenization;

/// <summary>Hugging Face's BPE: the listed pairs merge, the first of the list first.</summary>
/// <param name="merges">Ids of left and right to the place in the list and the id of the result.</param>
internal sealed class RankRule(Dictionary<(int Left, int Right), (int Rank, int Id)> merges) : IMergeRule
{
    /// <summary>The rule of a list; a pair that is listed twice keeps its first place.</summary>
    /// <param name="vocabulary">Token to id.</param>
    /// <param name="merges">Pairs <c>a b</c>; those that do not lead from tokens to a token are passed over.</param>
    public static RankRule Of(Dictionary<string, int> vocabulary, IReadOnlyList<string> merges)
    {
        var ranks = new Dictionary<(int Left, int Right), (int Rank, int Id)>(merges.Count);
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        for (int rank = 0; rank < merges.Count; rank++)
        {
            string merge = merges[rank];
            int space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
            if (space > 0 && ids.TryGetValue(merge.AsSpan(0, space), out int left) && ids.TryGetValue(merge.AsSpan(space + 1), out int right)
                && vocabulary.TryGetValue(merge.Remove(space, 1), out int joined))
            {
                ranks.TryAdd((left, right), (rank, joined));
            }
        }
        return new RankRule(ranks);
    }

    /// <inheritdoc/>
    public bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int id, out double priority)
    {
        bool found = merges.TryGetValue((left, right), out (int Rank, int Id) merge);
        id = merge.Id;
        priority = -merge.Rank;
        return found;
    }
}
