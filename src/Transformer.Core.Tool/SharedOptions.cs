using System.CommandLine;
using System.CommandLine.Parsing;
using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Tool;

/// <summary>Options that mean the same in every command that has them.</summary>
internal static class SharedOptions
{
    public static Option<string?> Model() => new("--model")
    {
        Description = "A GGUF file or a Hugging Face folder. Default: primer, the small model that comes with the tool.",
        HelpName = "FILE",
    };

    /// <summary>The model as the command's one argument; <c>--model</c> means the same.</summary>
    public static Argument<string?> ModelArgument()
    {
        Argument<string?> argument = new("MODEL")
        {
            Description = "A GGUF file or a Hugging Face folder. Default: primer, the small model that comes with the tool.",
            Arity = ArgumentArity.ZeroOrOne,
        };

        // An option that is not known would otherwise be a file's name.
        argument.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] and var unknown }])
                result.AddError($"There is no option '{unknown}'.");
        });
        return argument;
    }

    /// <summary>The model of either.</summary>
    /// <exception cref="ArgumentException">Both are given.</exception>
    public static string? ModelOf(ParseResult parsed, Argument<string?> argument, Option<string?> option)
    {
        (string? one, string? other) = (parsed.GetValue(argument), parsed.GetValue(option));
        return one is null || other is null ? one ?? other : throw new ArgumentException($"Expected one model, found two: {one} and --model {other}.");
    }

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object and nothing else." };

    public static Option<int?> Threads()
    {
        Option<int?> option = new("--threads") { Description = "Threads that compute. Default: one for each processor.", HelpName = "N" };
        option.Validators.Add(result => Check<int?>(result, threads => threads is null or (>= 1 and <= 1024), "1 to 1024"));
        return option;
    }

    /// <summary>How keys and values are stored; one of the formats that suit them.</summary>
    public static Option<WeightFormat> KvCache()
    {
        WeightFormat[] formats = [WeightFormat.Float32, WeightFormat.Float16, WeightFormat.BFloat16, WeightFormat.Q8_0];
        string names = string.Join('|', formats.Select(format => format.Name.ToLowerInvariant()));
        return new Option<WeightFormat>("--kv-cache")
        {
            Description = "How keys and values are stored: smaller ones are less exact.",
            HelpName = names,
            DefaultValueFactory = _ => WeightFormat.Float32,
            CustomParser = result =>
            {
                WeightFormat? found = formats.FirstOrDefault(format => string.Equals(format.Name, result.Tokens[0].Value, StringComparison.OrdinalIgnoreCase));
                if (found is null)
                    result.AddError($"--kv-cache: expected {names}, found {result.Tokens[0].Value}.");
                return found;
            },
        };
    }

    public static Option<string> Prompt() => new("--prompt") { Description = "The text.", HelpName = "TEXT", Required = true };

    public static Option<bool> NoBos() => new("--no-bos") { Description = "Do not put the beginning token first." };

    /// <summary>An integer with a smallest value; below it is wrong usage whatever the model.</summary>
    public static Option<int> Integer(string name, int fallback, int smallest, string description)
    {
        Option<int> option = new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result => Check<int>(result, value => value >= smallest, $"an integer of at least {smallest}"));
        return option;
    }

    /// <summary>A number within bounds.</summary>
    public static Option<double> Number(string name, double fallback, Predicate<double> isValid, string expected, string description)
    {
        Option<double> option = new(name) { Description = description, HelpName = "X", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result => Check(result, isValid, expected));
        return option;
    }

    private static void Check<T>(OptionResult result, Predicate<T?> holds, string expected)
    {
        T? value;
        try
        {
            value = result.GetValueOrDefault<T>();
        }
        catch (InvalidOperationException)
        {
            // What cannot be read at all the parser reports itself, but only after this.
            return;
        }
        if (!holds(value))
            result.AddError($"{result.Option.Name}: expected {expected}.");
    }
}
