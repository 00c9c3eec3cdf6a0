using System.Globalization;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <content>What follows a value: attributes, subscripts, calls, filters and tests.</content>
internal sealed partial class ExpressionParser
{
    private Expression ReadPostfix(Expression value)
    {
        while (true)
        {
            if (reader.TakeOperator("."))
            {
                Token name = reader.Next();
                value = name.Type switch
                {
                    TokenType.Name => new AttributeExpression(value, name.Value),
                    TokenType.Integer => new ItemExpression(value, new LiteralExpression(long.Parse(name.Value, CultureInfo.InvariantCulture))),
                    _ => throw new ChatTemplateException($"expected a name after '.', found {TokenReader.Describe(name)}.", name.Line),
                };
            }
            else if (reader.TakeOperator("["))
                value = ReadSubscript(value);
            else if (reader.IsOperator("("))
                value = new CallExpression(value, ReadArguments());
            else
                return value;
        }
    }

    private Expression ReadSubscript(Expression target)
    {
        Expression? first = reader.IsOperator(":") ? null : ReadTuple();
        if (first is not null && reader.TakeOperator("]"))
            return new ItemExpression(target, first);
        Expression?[] bounds = [first, null, null];
        for (int i = 1; i < bounds.Length && reader.TakeOperator(":"); i++)
        {
            if (!reader.IsOperator(":") && !reader.IsOperator("]"))
                bounds[i] = Read();
        }
        reader.Expect(TokenType.Operator, "]");
        return new SliceExpression(target, bounds[0], bounds[1], bounds[2]);
    }

    /// <summary>The filters and tests after a value.</summary>
    public Expression ReadFilters(Expression value)
    {
        while (true)
        {
            if (reader.TakeOperator("|"))
            {
                string name = reader.Expect(TokenType.Name).Value;
                value = new FilterExpression(value, name, reader.IsOperator("(") ? ReadArguments() : ArgumentList.None);
            }
            else if (reader.Take(TokenType.Name, "is"))
                value = ReadTest(value);
            else if (reader.IsOperator("("))
                value = new CallExpression(value, ReadArguments());
            else
                return value;
        }
    }

    private Expression ReadTest(Expression value)
    {
        bool isNegated = reader.Take(TokenType.Name, "not");
        string name = reader.Expect(TokenType.Name).Value;
        ArgumentList arguments = ArgumentList.None;
        if (reader.IsOperator("("))
            arguments = ReadArguments();
        else if (reader.Current.Type is TokenType.String or TokenType.Integer or TokenType.Float || reader.IsOperator("[") || reader.IsOperator("{")
            || (reader.Is(TokenType.Name) && !reader.IsWord("else", "or", "and", "if", "is", "in", "not", "recursive")))
            arguments = new ArgumentList([ReadPostfix(ReadPrimary())], [], null, null);
        return new TestExpression(value, name, arguments, isNegated);
    }

    /// <summary>Arguments in parentheses.</summary>
    public ArgumentList ReadArguments()
    {
        reader.Enter();
        reader.Expect(TokenType.Operator, "(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? spread = null;
        Expression? namedSpread = null;
        while (!reader.TakeOperator(")"))
        {
            if (reader.TakeOperator("**"))
                namedSpread = Read();
            else if (reader.TakeOperator("*"))
                spread = Read();
            else if (reader.Is(TokenType.Name) && reader.Following is { Type: TokenType.Operator, Value: "=" })
            {
                string name = reader.Next().Value;
                reader.Next();
                named.Add((name, Read()));
            }
            else if (named.Count > 0)
                throw reader.Error("an argument without a name follows one with a name.");
            else
                positional.Add(Read());
            if (!reader.IsOperator(")"))
                reader.Expect(TokenType.Operator, ",");
        }
        reader.Leave();
        return new ArgumentList(positional, named, spread, namedSpread);
    }
}
