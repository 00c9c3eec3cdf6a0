namespace Transformer.Core.Tokenization;

/// <summary>Says which neighbours merge, and which pair comes first.</summary>
internal interface IMergeRule
{
    /// <summary>Whether two neighbours merge into a token.</summary>
    /// <param name="left">Id of the left one, -1 if it is no token.</param>
    /// <param name="right">Id of the right one, -1 if it is no token.</param>
    /// <param name="joined">The text of both.</param>
    /// <param name="id">The token they merge into.</param>
    /// <param name="priority">The higher merges first; of equals the leftmost.</param>
    bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out int id, out double priority);
}
