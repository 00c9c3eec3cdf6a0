namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Reads a template: text, prints and blocks.</summary>
internal sealed class StatementParser
{
    private readonly TokenReader _reader;
    private readonly ExpressionParser _expressions;

    private StatementParser(TokenReader reader)
    {
        _reader = reader;
        _expressions = new ExpressionParser(reader);
    }

    /// <summary>The statements of a template.</summary>
    /// <exception cref="ChatTemplateException">The template is wrong; the message says where.</exception>
    public static IReadOnlyList<Statement> Parse(string template, ChatTemplateLimits limits)
    {
        if (template.Length > limits.MaxSourceLength)
            throw new ChatTemplateLimitException(nameof(ChatTemplateLimits.MaxSourceLength), limits.MaxSourceLength);
        StatementParser parser = new(new TokenReader(Lexer.Read(template), limits.MaxDepth));
        List<Statement> body = parser.ReadBody(out string end);
        return end.Length == 0 ? body : throw parser._reader.Error($"'{end}' ends nothing.");
    }

    // reads up to one of the words that end a block, whose tag is then open, or to the end of the template
    private List<Statement> ReadBody(out string end, params ReadOnlySpan<string> ends)
    {
        _reader.Enter();
        List<Statement> body = [];
        while (true)
        {
            Token token = _reader.Next();
            switch (token.Type)
            {
                case TokenType.End:
                    end = ends.Length == 0 ? "" : throw _reader.Error($"a block is not closed: expected '{ends[^1]}'.");
                    _reader.Leave();
                    return body;
                case TokenType.Text:
                    body.Add(new TextStatement(token.Line, token.Value));
                    break;
                case TokenType.PrintBegin:
                    body.Add(new PrintStatement(token.Line, _expressions.ReadTuple()));
                    _reader.Expect(TokenType.PrintEnd);
                    break;
                default:
                    if (_reader.Current.Type == TokenType.Name && (ends.Contains(_reader.Current.Value) || _reader.Current.Value.StartsWith("end", StringComparison.Ordinal)))
                    {
                        end = _reader.Next().Value;
                        if (!ends.Contains(end))
                            throw _reader.Error(ends.Length == 0 ? $"'{end}' ends nothing." : $"expected '{ends[^1]}', found '{end}'.");
                        _reader.Leave();
                        return body;
                    }
                    body.Add(ReadBlock());
                    break;
            }
        }
    }

    private List<Statement> ReadUntil(string end)
    {
        Close();
        List<Statement> body = ReadBody(out _, end);
        // a block set may be closed by its name
        Close();
        return body;
    }

    private void Close() => _reader.Expect(TokenType.BlockEnd);

    private Statement ReadBlock()
    {
        Token name = _reader.Expect(TokenType.Name);
        int line = name.Line;
        switch (name.Value)
        {
            case "if":
                return ReadIf(line);
            case "for":
                return ReadFor(line);
            case "set":
                return ReadSet(line);
            case "macro":
                return ReadMacro(line);
            case "call":
                return ReadCall(line);
            case "filter":
                Func<Expression, Expression> filters = ReadBlockFilters(_reader.Current, first: true);
                return new FilterStatement(line, filters, ReadUntil("endfilter"));
            case "with":
                List<(Expression, Expression)> assignments = [];
                while (!_reader.Is(TokenType.BlockEnd))
                {
                    Expression target = _expressions.ReadTarget();
                    _reader.Expect(TokenType.Operator, "=");
                    assignments.Add((target, _expressions.Read()));
                    _reader.TakeOperator(",");
                }
                return new WithStatement(line, assignments, ReadUntil("endwith"));
            case "generation":
                return new WithStatement(line, [], ReadUntil("endgeneration"));
            case "break" or "continue":
                Close();
                return new LeaveStatement(line, name.Value == "break" ? Flow.Break : Flow.Continue);
            default:
                throw new ChatTemplateException(
                    name.Value is "include" or "import" or "from" or "extends" or "block" or "autoescape" or "do"
                        ? $"'{name.Value}' is not allowed in a chat template." : $"unknown tag '{name.Value}'.",
                    line);
        }
    }

    private IfStatement ReadIf(int line)
    {
        List<(Expression?, IReadOnlyList<Statement>)> branches = [];
        Expression? condition = _expressions.ReadTuple();
        while (true)
        {
            Close();
            List<Statement> body = ReadBody(out string end, condition is null ? ["endif"] : ["elif", "else", "endif"]);
            branches.Add((condition, body));
            if (end == "endif")
                break;
            condition = end == "elif" ? _expressions.ReadTuple() : null;
        }
        Close();
        return new IfStatement(line, branches);
    }

    private ForStatement ReadFor(int line)
    {
        Expression target = _expressions.ReadTarget();
        _reader.Expect(TokenType.Name, "in");
        Expression items = _expressions.ReadTuple(withConditional: false);
        Expression? condition = _reader.Take(TokenType.Name, "if") ? _expressions.Read() : null;
        if (_reader.IsWord("recursive"))
            throw _reader.Error("'recursive' loops are not supported.");
        Close();
        List<Statement> body = ReadBody(out string end, "else", "endfor");
        List<Statement> otherwise = [];
        if (end == "else")
        {
            Close();
            otherwise = ReadBody(out _, "endfor");
        }
        Close();
        return new ForStatement(line, target, items, condition, body, otherwise);
    }

    private Statement ReadSet(int line)
    {
        Expression target = _expressions.ReadTarget();
        if (_reader.TakeOperator("="))
        {
            Expression value = _expressions.ReadTuple();
            Close();
            return new SetStatement(line, target, value);
        }
        Func<Expression, Expression> filters = ReadBlockFilters(_reader.Current, first: false);
        return new BlockSetStatement(line, target, filters, ReadUntil("endset"));
    }

    // filters whose text comes later: read around a place that is filled at run time
    private Func<Expression, Expression> ReadBlockFilters(Token start, bool first)
    {
        List<(string Name, ArgumentList Arguments)> steps = [];
        while (first || _reader.TakeOperator("|"))
        {
            first = false;
            steps.Add((_reader.Expect(TokenType.Name).Value, _reader.IsOperator("(") ? _expressions.ReadArguments() : ArgumentList.None));
        }
        if (!_reader.Is(TokenType.BlockEnd))
            throw new ChatTemplateException($"unexpected {TokenReader.Describe(_reader.Current)}.", start.Line);
        return text => steps.Aggregate(text, (value, step) => new FilterExpression(value, step.Name, step.Arguments));
    }

    private MacroStatement ReadMacro(int line)
    {
        string name = _reader.Expect(TokenType.Name).Value;
        List<(string, Expression?)> parameters = ReadParameters();
        return new MacroStatement(line, name, parameters, ReadUntil("endmacro"));
    }

    private List<(string Name, Expression? Default)> ReadParameters()
    {
        List<(string, Expression?)> parameters = [];
        _reader.Expect(TokenType.Operator, "(");
        while (!_reader.TakeOperator(")"))
        {
            string parameter = _reader.Expect(TokenType.Name).Value;
            parameters.Add((parameter, _reader.TakeOperator("=") ? _expressions.Read() : null));
            if (!_reader.IsOperator(")"))
                _reader.Expect(TokenType.Operator, ",");
        }
        return parameters;
    }

    private CallStatement ReadCall(int line)
    {
        List<(string, Expression?)> parameters = _reader.IsOperator("(") ? ReadParameters() : [];
        if (_expressions.Read() is not CallExpression call)
            throw _reader.Error("'call' needs a call of a macro.");
        return new CallStatement(line, call, new MacroStatement(line, "caller", parameters, ReadUntil("endcall")));
    }
}
