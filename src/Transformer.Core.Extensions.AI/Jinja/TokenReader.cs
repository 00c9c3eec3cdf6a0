namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Walks along tokens.</summary>
internal sealed class TokenReader(List<Token> tokens, int maxDepth)
{
    private int _position;
    private int _depth;

    /// <summary>The next token.</summary>
    public Token Current => tokens[_position];

    /// <summary>The token after the next.</summary>
    public Token Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    /// <summary>Takes the next token.</summary>
    public Token Next() => tokens[_position < tokens.Count - 1 ? _position++ : _position];

    /// <summary>Whether the next token is this one.</summary>
    public bool Is(TokenType type, string? value = null) => Current.Type == type && (value is null || Current.Value == value);

    /// <summary>Whether the next token is this operator.</summary>
    public bool IsOperator(string value) => Is(TokenType.Operator, value);

    /// <summary>Whether the next token is one of these words.</summary>
    public bool IsWord(params ReadOnlySpan<string> words) => Current.Type == TokenType.Name && words.Contains(Current.Value);

    /// <summary>Takes the next token if it is this one.</summary>
    public bool Take(TokenType type, string? value = null)
    {
        if (!Is(type, value))
            return false;
        Next();
        return true;
    }

    /// <summary>Takes the next token if it is this operator.</summary>
    public bool TakeOperator(string value) => Take(TokenType.Operator, value);

    /// <summary>Takes a token that must be this one.</summary>
    public Token Expect(TokenType type, string? value = null) =>
        Is(type, value) ? Next() : throw Error($"expected {value ?? type.ToString()}, found {Describe(Current)}.");

    /// <summary>An error at the next token.</summary>
    public ChatTemplateException Error(string problem) => new(problem, Current.Line);

    /// <summary>Goes one level down; paired with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++_depth > maxDepth)
            throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxDepth), maxDepth, Current.Line);
    }

    /// <summary>Comes back up.</summary>
    public void Leave() => _depth--;

    /// <summary>A token as a message names it.</summary>
    public static string Describe(Token token) => token.Type switch
    {
        TokenType.End => "the end of the template",
        TokenType.BlockEnd => "'%}'",
        TokenType.PrintEnd => "'}}'",
        TokenType.Text => "text",
        _ => $"'{token.Value}'",
    };
}
