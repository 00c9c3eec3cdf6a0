namespace Transformer.Core.Tool;

/// <summary>A text as the tokens that a model reads, for commands that look inside.</summary>
internal sealed class TokenText
{
    private readonly ITokenizer _tokenizer;

    /// <exception cref="ArgumentException">The model has no tokenizer, or the text has fewer tokens than are needed.</exception>
    public TokenText(TransformerModel model, string text, bool addBos, int atLeast = 1)
    {
        _tokenizer = ModelFile.TokenizerOf(model);
        Ids = _tokenizer.Encode(text, addBos && _tokenizer.AddsBos);
        if (Ids.Length < atLeast)
            throw new ArgumentException($"Expected a text of at least {atLeast} token{(atLeast == 1 ? "" : "s")}, found {Ids.Length}.");
    }

    public int[] Ids { get; }

    /// <summary>The text of every token.</summary>
    public IEnumerable<string> Pieces => Ids.Select(Piece);

    public string Piece(int id) => id < _tokenizer.VocabSize ? _tokenizer.TokenText(id) : "";
}
