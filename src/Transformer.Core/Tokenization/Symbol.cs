namespace Transformer.Core.Tokenization;

/// <summary>A part of a text while it merges: a link of a chain.</summary>
/// <param name="Start">Offset in the text.</param>
/// <param name="Length">UTF-16 units; 0 once it has been merged into its left neighbour.</param>
/// <param name="Id">Its token, -1 if it is none.</param>
/// <param name="Previous">Index of the left neighbour, -1 for none.</param>
/// <param name="Next">Index of the right neighbour, -1 for none.</param>
internal readonly record struct Symbol(int Start, int Length, int Id, int Previous, int Next);
