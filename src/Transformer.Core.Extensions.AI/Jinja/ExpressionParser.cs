using System.Globalization;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>
/// Reads expressions, with Jinja's order of operators: conditional, or, and, not, comparison, + and -, ~, * / // %,
/// signs, **, then attributes, calls, filters and tests.
/// </summary>
internal sealed partial class ExpressionParser(TokenReader reader)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>An expression, or several with commas between, which are a tuple.</summary>
    public Expression ReadTuple(bool withConditional = true)
    {
        Expression first = withConditional ? Read() : ReadOr();
        if (!reader.IsOperator(","))
            return first;
        List<Expression> items = [first];
        while (reader.TakeOperator(","))
        {
            if (reader.Is(TokenType.PrintEnd) || reader.Is(TokenType.BlockEnd) || reader.IsOperator(")") || reader.IsOperator("="))
                break;
            items.Add(withConditional ? Read() : ReadOr());
        }
        return new ListExpression(items, isTuple: true);
    }

    /// <summary>What can be assigned to: a name, an attribute, or several with commas between.</summary>
    public Expression ReadTarget()
    {
        bool closes = reader.TakeOperator("(");
        List<Expression> items = [ReadPlace()];
        bool isTuple = false;
        while (reader.TakeOperator(","))
        {
            isTuple = true;
            if (reader.IsWord("in") || reader.IsOperator("=") || reader.IsOperator(")"))
                break;
            items.Add(ReadPlace());
        }
        if (closes)
            reader.Expect(TokenType.Operator, ")");
        return isTuple ? new ListExpression(items, isTuple: true) : items[0];
    }

    private Expression ReadPlace()
    {
        if (reader.IsOperator("("))
            return ReadTarget();
        Expression place = new NameExpression(reader.Expect(TokenType.Name).Value);
        return reader.TakeOperator(".") ? new AttributeExpression(place, reader.Expect(TokenType.Name).Value) : place;
    }

    /// <summary>One expression.</summary>
    public Expression Read()
    {
        reader.Enter();
        Expression value = ReadOr();
        while (reader.Take(TokenType.Name, "if"))
        {
            Expression condition = ReadOr();
            Expression? otherwise = reader.Take(TokenType.Name, "else") ? Read() : null;
            value = new ConditionalExpression(condition, value, otherwise);
        }
        reader.Leave();
        return value;
    }

    private Expression ReadOr()
    {
        Expression left = ReadAnd();
        while (reader.Take(TokenType.Name, "or"))
            left = new LogicalExpression(isAnd: false, left, ReadAnd());
        return left;
    }

    private Expression ReadAnd()
    {
        Expression left = ReadNot();
        while (reader.Take(TokenType.Name, "and"))
            left = new LogicalExpression(isAnd: true, left, ReadNot());
        return left;
    }

    private Expression ReadNot()
    {
        if (!reader.IsWord("not"))
            return ReadComparison();
        reader.Enter();
        reader.Next();
        Expression negated = new UnaryExpression("not", ReadNot());
        reader.Leave();
        return negated;
    }

    private Expression ReadComparison()
    {
        Expression first = ReadSum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (reader.Current.Type == TokenType.Operator && Comparisons.Contains(reader.Current.Value))
                rest.Add((reader.Next().Value, ReadSum()));
            else if (reader.Take(TokenType.Name, "in"))
                rest.Add(("in", ReadSum()));
            else if (reader.IsWord("not") && reader.Following is { Type: TokenType.Name, Value: "in" })
            {
                reader.Next();
                reader.Next();
                rest.Add(("not in", ReadSum()));
            }
            else
                break;
        }
        return rest.Count == 0 ? first : new ComparisonExpression(first, rest);
    }

    private Expression ReadSum() => ReadBinary(["+", "-"], ReadConcatenation);

    private Expression ReadConcatenation() => ReadBinary(["~"], ReadProduct);

    private Expression ReadProduct() => ReadBinary(["*", "/", "//", "%"], ReadPower);

    private Expression ReadPower() => ReadBinary(["**"], () => ReadSigned());

    private Expression ReadBinary(string[] symbols, Func<Expression> read)
    {
        Expression left = read();
        while (reader.Current.Type == TokenType.Operator && symbols.Contains(reader.Current.Value))
            left = new BinaryExpression(reader.Next().Value, left, read());
        return left;
    }

    private Expression ReadSigned(bool withFilters = true)
    {
        Expression value;
        if (reader.IsOperator("-") || reader.IsOperator("+"))
        {
            reader.Enter();
            value = new UnaryExpression(reader.Next().Value, ReadSigned(withFilters: false));
            reader.Leave();
        }
        else
            value = ReadPrimary();
        value = ReadPostfix(value);
        return withFilters ? ReadFilters(value) : value;
    }

    private Expression ReadPrimary()
    {
        Token token = reader.Next();
        switch (token.Type)
        {
            case TokenType.Name:
                return token.Value switch
                {
                    "true" or "True" => new LiteralExpression(true),
                    "false" or "False" => new LiteralExpression(false),
                    "none" or "None" => new LiteralExpression(null),
                    _ => new NameExpression(token.Value),
                };
            case TokenType.String:
                string text = token.Value;
                while (reader.Is(TokenType.String))
                    text += reader.Next().Value;
                return new LiteralExpression(MarkedText.Template(text));
            case TokenType.Integer:
                return long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long integer)
                    ? new LiteralExpression(integer)
                    : throw new ChatTemplateException($"the number {token.Value} is too large.", token.Line);
            case TokenType.Float:
                return new LiteralExpression(double.Parse(token.Value, CultureInfo.InvariantCulture));
            case TokenType.Operator when token.Value == "(":
                return ReadParenthesized();
            case TokenType.Operator when token.Value == "[":
                return new ListExpression(ReadItems("]", Read), isTuple: false);
            case TokenType.Operator when token.Value == "{":
                return new MapExpression(ReadItems("}", ReadEntry));
            default:
                throw new ChatTemplateException($"expected a value, found {TokenReader.Describe(token)}.", token.Line);
        }
    }

    private Expression ReadParenthesized()
    {
        if (reader.TakeOperator(")"))
            return new ListExpression([], isTuple: true);
        Expression inner = ReadTuple();
        reader.Expect(TokenType.Operator, ")");
        return inner;
    }

    private (Expression Key, Expression Value) ReadEntry()
    {
        Expression key = Read();
        reader.Expect(TokenType.Operator, ":");
        return (key, Read());
    }

    private List<T> ReadItems<T>(string close, Func<T> read)
    {
        List<T> items = [];
        while (!reader.TakeOperator(close))
        {
            items.Add(read());
            if (!reader.IsOperator(close))
                reader.Expect(TokenType.Operator, ",");
        }
        return items;
    }
}
