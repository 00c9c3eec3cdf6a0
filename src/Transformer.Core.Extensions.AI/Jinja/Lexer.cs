using System.Globalization;
using System.Text;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>
/// Cuts a template into tokens and settles its white space as Hugging Face's environment does: <c>trim_blocks</c>
/// and <c>lstrip_blocks</c> on, one line break at the end of the template dropped.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{", "}"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    private Lexer(string source) => _source = source;

    /// <summary>The tokens of a template; the last is <see cref="TokenType.End"/>.</summary>
    /// <exception cref="ChatTemplateException">A tag, comment or literal is not closed, or a character is none of the language.</exception>
    public static List<Token> Read(string template)
    {
        template = template.ReplaceLineEndings("\n");
        if (template.EndsWith('\n'))
            template = template[..^1];
        Lexer lexer = new(template);
        lexer.ReadAll();
        return lexer._tokens;
    }

    private void ReadAll()
    {
        while (_position < _source.Length)
        {
            int tag = NextTag(_position);
            if (tag < 0)
            {
                AddText(_source[_position..]);
                _position = _source.Length;
                break;
            }
            char kind = _source[tag + 1];
            char mark = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            string text = _source[_position..tag];
            if (mark == '-')
                text = text.TrimEnd(PythonText.WhiteSpace);
            else if (kind != '{' && mark != '+')
                text = StripLine(text);
            int written = _line + Breaks(_position, tag);
            AddText(text);
            _line = written;
            _position = tag + (mark is '-' or '+' ? 3 : 2);
            if (kind == '#')
                SkipComment();
            else
                ReadTag(kind == '{');
        }
        _tokens.Add(new Token(TokenType.End, "", _line));
    }

    private int NextTag(int from)
    {
        for (int at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
                return at;
        }
        return -1;
    }

    // spaces before a block tag that is the first thing on its line
    private string StripLine(string text)
    {
        int line = text.LastIndexOf('\n') + 1;
        bool lineStartsHere = line > 0 || _position == 0 || _source[_position - 1] == '\n';
        return lineStartsHere && text.AsSpan(line).Trim(" \t\v\f").IsEmpty ? text[..line] : text;
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
            _tokens.Add(new Token(TokenType.Text, text, _line));
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
            throw new ChatTemplateException("a comment '{#' is not closed.", _line);
        _line += Breaks(_position, end);
        char mark = end > _position ? _source[end - 1] : '\0';
        _position = end + 2;
        AfterTag(mark, trims: true);
    }

    // mark: '-' swallows all white space after the tag, '+' keeps it all, otherwise a block swallows one line break
    private void AfterTag(char mark, bool trims)
    {
        if (mark == '-')
        {
            int next = _position;
            while (next < _source.Length && PythonText.WhiteSpace.Contains(_source[next]))
                next++;
            _line += Breaks(_position, next);
            _position = next;
        }
        else if (trims && mark != '+' && _position < _source.Length && _source[_position] == '\n')
        {
            _line++;
            _position++;
        }
    }

    private void ReadTag(bool isPrint)
    {
        (string close, TokenType begin, TokenType end) = isPrint ? ("}}", TokenType.PrintBegin, TokenType.PrintEnd) : ("%}", TokenType.BlockBegin, TokenType.BlockEnd);
        int opened = _line;
        int first = _tokens.Count;
        _tokens.Add(new Token(begin, "", _line));
        int open = 0;
        while (true)
        {
            SkipSpace();
            if (_position >= _source.Length)
                throw new ChatTemplateException($"a tag '{(isPrint ? "{{" : "{%")}' is not closed.", opened);
            ReadOnlySpan<char> rest = _source.AsSpan(_position);
            char mark = rest[0] is '-' or '+' ? rest[0] : '\0';
            if (open == 0 && rest[(mark == '\0' ? 0 : 1)..].StartsWith(close, StringComparison.Ordinal))
            {
                _position += close.Length + (mark == '\0' ? 0 : 1);
                _tokens.Add(new Token(end, "", _line));
                if (_tokens.Count == first + 3 && _tokens[first + 1] is { Type: TokenType.Name, Value: "raw" } && !isPrint)
                    ReadRaw(first, mark);
                else
                    AfterTag(mark, trims: !isPrint);
                return;
            }
            Token token = ReadToken(rest);
            if (token.Type == TokenType.Operator)
                open += token.Value is "(" or "[" or "{" ? 1 : token.Value is ")" or "]" or "}" ? -1 : 0;
            _tokens.Add(token);
        }
    }

    // {% raw %} ... {% endraw %}: text, whatever is in it
    private void ReadRaw(int first, char mark)
    {
        _tokens.RemoveRange(first, 3);
        AfterTag(mark, trims: true);
        for (int at = _position; (at = _source.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            int close = _source.IndexOf("%}", at, StringComparison.Ordinal);
            if (close < 0)
                break;
            string inner = _source[(at + 2)..close];
            if (inner.Trim('-', '+', ' ', '\n', '\t') != "endraw")
                continue;
            string text = _source[_position..at];
            AddText(inner.StartsWith('-') ? text.TrimEnd(PythonText.WhiteSpace) : inner.StartsWith('+') ? text : StripLine(text));
            _line += Breaks(_position, close);
            _position = close + 2;
            AfterTag(inner[^1], trims: true);
            return;
        }
        throw new ChatTemplateException("'raw' is not closed.", _line);
    }

    private void SkipSpace()
    {
        while (_position < _source.Length && char.IsWhiteSpace(_source[_position]))
        {
            if (_source[_position] == '\n')
                _line++;
            _position++;
        }
    }

    private Token ReadToken(ReadOnlySpan<char> rest)
    {
        if (rest[0] is '\'' or '"')
            return ReadString(rest[0]);
        if (char.IsAsciiDigit(rest[0]))
            return ReadNumber(rest);
        if (rest[0] == '_' || char.IsLetter(rest[0]))
        {
            int length = 1;
            while (length < rest.Length && (rest[length] == '_' || char.IsLetterOrDigit(rest[length])))
                length++;
            _position += length;
            return new Token(TokenType.Name, rest[..length].ToString(), _line);
        }
        foreach (string symbol in Operators)
        {
            if (!rest.StartsWith(symbol, StringComparison.Ordinal))
                continue;
            _position += symbol.Length;
            return new Token(TokenType.Operator, symbol, _line);
        }
        throw new ChatTemplateException($"unexpected character '{rest[0]}'.", _line);
    }

    private Token ReadNumber(ReadOnlySpan<char> rest)
    {
        int length = Digits(rest, 0);
        bool isFloat = false;
        if (length + 1 < rest.Length && rest[length] == '.' && char.IsAsciiDigit(rest[length + 1]))
        {
            isFloat = true;
            length = Digits(rest, length + 1);
        }
        if (length < rest.Length && rest[length] is 'e' or 'E')
        {
            int exponent = length + 1 < rest.Length && rest[length + 1] is '+' or '-' ? length + 2 : length + 1;
            if (exponent < rest.Length && char.IsAsciiDigit(rest[exponent]))
            {
                isFloat = true;
                length = Digits(rest, exponent);
            }
        }
        _position += length;
        return new Token(isFloat ? TokenType.Float : TokenType.Integer, rest[..length].ToString().Replace("_", ""), _line);
    }

    private static int Digits(ReadOnlySpan<char> rest, int at)
    {
        while (at < rest.Length && (char.IsAsciiDigit(rest[at]) || rest[at] == '_'))
            at++;
        return at;
    }

    private Token ReadString(char quote)
    {
        int line = _line;
        StringBuilder text = new();
        for (_position++; _position < _source.Length; _position++)
        {
            char c = _source[_position];
            if (c == quote)
            {
                _position++;
                return new Token(TokenType.String, text.ToString(), line);
            }
            if (c == '\n')
                _line++;
            if (c == '\\' && _position + 1 < _source.Length)
                ReadEscape(text);
            else
                text.Append(c);
        }
        throw new ChatTemplateException("a string is not closed.", line);
    }

    private void ReadEscape(StringBuilder text)
    {
        char c = _source[++_position];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0 && _position + digits < _source.Length
            && int.TryParse(_source.AsSpan(_position + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            && (digits < 8 || Rune.IsValid(value)))
        {
            _position += digits;
            text.Append(digits == 8 ? char.ConvertFromUtf32(value) : ((char)value).ToString());
            return;
        }
        if (c == '\n')
        {
            _line++;
            return;
        }
        int known = "ntr0bfva\\'\"".IndexOf(c);
        if (known >= 0)
            text.Append("\n\t\r\0\b\f\v\a\\'\""[known]);
        else
            text.Append('\\').Append(c);
    }

    private int Breaks(int from, int to) => _source.AsSpan(from, to - from).Count('\n');
}
