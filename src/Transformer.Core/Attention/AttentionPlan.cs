namespace Transformer.Core.Attention;

/// <summary>
/// How the new rows of one sequence are cut into items: kv heads by blocks of queries by, where rows are few, blocks of
/// keys. Depends on the sequence alone, so results do not depend on threads, nor on other sequences of the pass.
/// </summary>
internal readonly struct AttentionPlan
{
    /// <summary>Keys of a block: whole pages.</summary>
    public const int KeyBlock = 4 * KvPageLayout.Tokens;

    /// <summary>With so few new tokens, blocks of keys are items of their own and their results are merged.</summary>
    private const int FewTokens = 16;

    public AttentionPlan(in AttentionShape shape, int rows, int length)
    {
        Rows = rows;
        Length = length;
        QueryBlock = QueriesOf(shape.Heads / shape.KvHeads);
        QueryBlocks = (rows + QueryBlock - 1) / QueryBlock;
        FirstKeyBlock = Math.Max(0, length - rows - shape.Window + 1) / KeyBlock;
        int keyBlocks = ((length - 1) / KeyBlock) - FirstKeyBlock + 1;
        Splits = rows <= FewTokens ? keyBlocks : 1;
        Items = shape.KvHeads * QueryBlocks * Splits;
    }

    /// <summary>New tokens.</summary>
    public int Rows { get; }

    /// <summary>Tokens in the cache, the new ones included.</summary>
    public int Length { get; }

    /// <summary>Queries of an item.</summary>
    public int QueryBlock { get; }

    public int QueryBlocks { get; }

    /// <summary>Items that share their queries; 1: an item takes all its keys.</summary>
    public int Splits { get; }

    public int FirstKeyBlock { get; }

    public int Items { get; }

    /// <summary>Position of the first new token.</summary>
    public int FirstPosition => Length - Rows;

    /// <summary>Most rows of an item, for so many heads that share keys.</summary>
    public static int MostRows(int group) => QueriesOf(group) * group;

    /// <summary>About 48 rows, the heads of a group for each query, and whole tiles of six where that is possible.</summary>
    private static int QueriesOf(int group) => group <= 16 ? 6 * Math.Max(1, (8 + (group / 2)) / group) : Math.Max(1, 96 / group);
}
