namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>Tests by name: <c>value is name(arguments)</c>.</summary>
internal static class ValueTests
{
    /// <summary>Whether a test holds.</summary>
    public static bool Check(Execution run, string name, object? value, CallArguments given)
    {
        switch (name)
        {
            case "defined":
                return value is not Undefined;
            case "undefined":
                return value is Undefined;
            case "none":
                return value is null;
            case "true":
                return value is true;
            case "false":
                return value is false;
            case "boolean":
                return value is bool;
            case "integer":
                return value is long;
            case "float":
                return value is double;
            case "number":
                // Python's booleans are numbers
                return value is long or double or bool;
            case "string":
                return value is MarkedText;
            case "mapping":
                return value is JinjaMap;
            case "iterable":
                return value is MarkedText or JinjaList or JinjaMap or Undefined;
            case "sequence":
                return value is MarkedText or JinjaList or JinjaMap or Undefined;
            case "callable":
                return value is JinjaFunction;
            case "escaped":
                return false;
            case "filter" or "test":
                throw run.Error($"the test '{name}' is not supported.");
            case "odd" or "even":
                return Whole(run, name, value) % 2 == 0 == (name == "even");
            case "divisibleby":
                return Whole(run, name, Argument(run, name, given)) is not 0 and var by ? Whole(run, name, value) % by == 0 : throw run.Error("divisibleby: division by zero.");
            case "lower":
                return PythonText.Str(run, value).Text is var low && low == low.ToLowerInvariant() && low.Any(char.IsLetter);
            case "upper":
                return PythonText.Str(run, value).Text is var high && high == high.ToUpperInvariant() && high.Any(char.IsLetter);
            case "in":
                return Operations.Compare(run, "in", value, Argument(run, name, given));
            case "sameas":
                object? other = Argument(run, name, given);
                return ReferenceEquals(value, other) || (value is bool or long or null && Equals(value, other));
        }
        string? comparison = name switch
        {
            "equalto" or "eq" or "==" => "==",
            "ne" or "!=" => "!=",
            "lt" or "lessthan" or "<" => "<",
            "le" or "<=" => "<=",
            "gt" or "greaterthan" or ">" => ">",
            "ge" or ">=" => ">=",
            _ => null,
        };
        return comparison is null ? throw run.Error($"unknown test '{name}'.") : Operations.Compare(run, comparison, value, Argument(run, name, given));
    }

    private static object? Argument(Execution run, string name, CallArguments given) =>
        given.Positional.Count > 0 ? given.Positional[0] : throw run.Error($"the test '{name}' needs a value.");

    private static long Whole(Execution run, string name, object? value) =>
        Operations.Number(value) is long number ? number : throw run.Error($"the test '{name}' is for integers, found {Operations.TypeName(value)}.");
}
