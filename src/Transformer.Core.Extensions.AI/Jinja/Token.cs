namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Kinds of <see cref="Token"/>.</summary>
internal enum TokenType
{
    /// <summary>Text outside of any tag.</summary>
    Text,

    /// <summary><c>{{</c></summary>
    PrintBegin,

    /// <summary><c>}}</c></summary>
    PrintEnd,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,

    /// <summary>A name or a keyword.</summary>
    Name,

    /// <summary>A string literal, already unescaped.</summary>
    String,

    /// <summary>An integer literal.</summary>
    Integer,

    /// <summary>A literal with a fraction or an exponent.</summary>
    Float,

    /// <summary>An operator or a bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>A piece of a template.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Value">Its characters.</param>
/// <param name="Line">Its line, from 1.</param>
internal readonly record struct Token(TokenType Type, string Value, int Line);
