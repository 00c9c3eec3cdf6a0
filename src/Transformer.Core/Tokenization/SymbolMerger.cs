using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>Merges the characters of a text pair by pair, the pair of the highest priority first.</summary>
internal static class SymbolMerger
{
    private static readonly Comparer<(double Priority, int Left)> HighestThenLeftmost = Comparer<(double Priority, int Left)>.Create(
        (a, b) => a.Priority != b.Priority ? b.Priority.CompareTo(a.Priority) : a.Left.CompareTo(b.Left));

    /// <summary>Merges until nothing merges any more.</summary>
    /// <param name="text">Well-formed text, not empty.</param>
    /// <param name="ids">Ids of single characters.</param>
    /// <param name="rule">Which neighbours merge.</param>
    /// <returns>The chain of symbols; it begins at index 0 and is followed by <see cref="Symbol.Next"/>.</returns>
    public static List<Symbol> Merge(ReadOnlySpan<char> text, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids, IMergeRule rule)
    {
        List<Symbol> symbols = Characters(text, ids);
        var queue = new PriorityQueue<(int Left, int Right, int Length, int Id), (double, int)>(HighestThenLeftmost);
        for (int i = 1; i < symbols.Count; i++)
            Offer(text, i - 1, i, symbols, queue, rule);

        while (queue.TryDequeue(out (int Left, int Right, int Length, int Id) pair, out _))
        {
            Symbol left = symbols[pair.Left], right = symbols[pair.Right];
            // out of date if either half has merged with another neighbour since
            if (left.Length == 0 || right.Length == 0 || left.Length + right.Length != pair.Length)
                continue;

            symbols[pair.Left] = left with { Length = pair.Length, Id = pair.Id, Next = right.Next };
            symbols[pair.Right] = right with { Length = 0 };
            if (right.Next >= 0)
            {
                symbols[right.Next] = symbols[right.Next] with { Previous = pair.Left };
                Offer(text, pair.Left, right.Next, symbols, queue, rule);
            }
            if (left.Previous >= 0)
                Offer(text, left.Previous, pair.Left, symbols, queue, rule);
        }
        return symbols;
    }

    private static List<Symbol> Characters(ReadOnlySpan<char> text, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids)
    {
        var symbols = new List<Symbol>(text.Length);
        int start = 0;
        while (start < text.Length)
        {
            Rune.DecodeFromUtf16(text[start..], out _, out int length);
            int id = ids.TryGetValue(text.Slice(start, length), out int known) ? known : -1;
            int next = start + length < text.Length ? symbols.Count + 1 : -1;
            symbols.Add(new Symbol(start, length, id, symbols.Count - 1, next));
            start += length;
        }
        return symbols;
    }

    private static void Offer(
        ReadOnlySpan<char> text, int left, int right, List<Symbol> symbols, PriorityQueue<(int, int, int, int), (double, int)> queue, IMergeRule rule)
    {
        int start = symbols[left].Start, length = symbols[left].Length + symbols[right].Length;
        if (rule.TryMerge(symbols[left].Id, symbols[right].Id, text.Slice(start, length), out int id, out double priority))
            queue.Enqueue((left, right, length, id), (priority, left));
    }
}
