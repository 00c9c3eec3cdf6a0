using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>Byte-level merging of pieces that are too long for the library, whose time grows with their square: here n log n.</summary>
/// <param name="vocabulary">Token, spelled in the byte alphabet, to id.</param>
/// <param name="createRule">Which neighbours merge; made when the first long piece comes, for most texts have none.</param>
/// <param name="unknown">Stands for a byte that the vocabulary lacks; null: it is left out.</param>
internal sealed class LongPieceEncoder(Dictionary<string, int> vocabulary, Func<IMergeRule> createRule, int? unknown = null)
{
    /// <summary>Pieces of more UTF-16 units come here; shorter ones go to the library.</summary>
    public const int MinLength = 1024;

    private readonly Lazy<IMergeRule> _rule = new(createRule);

    /// <summary>Appends the ids of a piece.</summary>
    public void Encode(ReadOnlySpan<char> piece, List<int> ids)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes);
        string spelled = ByteLevelAlphabet.Spell(bytes);

        List<Symbol> symbols = SymbolMerger.Merge(spelled, vocabulary.GetAlternateLookup<ReadOnlySpan<char>>(), _rule.Value);
        for (int i = 0; i >= 0; i = symbols[i].Next)
        {
            if (symbols[i].Id >= 0)
                ids.Add(symbols[i].Id);
            else if (unknown is int id)
                ids.Add(id);
        }
    }
}
