using System.CommandLine;
using System.Text.RegularExpressions;
using Transformer.Core.Tool.Commands;

namespace Transformer.Core.Tool;

/// <summary>Runs the command of a command line and turns every outcome into an exit code and at most one line of error.</summary>
internal static partial class CommandRun
{
    private const int Failed = 1;
    private const int WrongUsage = 2;

    /// <summary>After Ctrl-C, as shells say it.</summary>
    public const int Interrupted = 130;

    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        // A prompt may begin with '@', which would otherwise name a file of arguments.
        ParseResult parsed = root.Parse(SplitEmptyValues(root, args), new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        string name = parsed.CommandResult.Command == root ? "transformer" : $"transformer {parsed.CommandResult.Command.Name}";
        if (parsed.Errors.Count > 0)
        {
            string problems = parsed.CommandResult.Command == root && parsed.UnmatchedTokens is [string unknown, ..]
                ? $"There is no command or option '{unknown}'."
                : string.Join(" ", parsed.Errors.Select(error => OneLine(NetType().Replace(error.Message, ""))));
            return Report($"{name}: {problems} See '{name} --help'.", WrongUsage);
        }
        try
        {
            InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false };
            // where Ctrl-C means more than the end, the command listens itself
            if (parsed.CommandResult.Command.Name == ChatCommand.Name)
                configuration.ProcessTerminationTimeout = null;
            return await parsed.InvokeAsync(configuration);
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        catch (Exception exception) when (exception is TransformerException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            return Report($"{name}: {Describe(exception)}", Failed);
        }
    }

    /// <summary>Makes a command's action: it runs off the caller's thread, so that Ctrl-C finds the caller listening.</summary>
    public static Func<ParseResult, CancellationToken, Task<int>> Action(Action<ParseResult, CancellationToken> run) =>
        (parsed, cancellationToken) => Task.Run(
            () =>
            {
                run(parsed, cancellationToken);
                return 0;
            },
            CancellationToken.None);

    /// <summary>The message of an exception in one line.</summary>
    public static string Describe(Exception exception)
    {
        // A wrong file gives a problem for every tensor, all of one kind.
        if (exception is ModelBuildException { Problems: [string first, ..] problems })
            return OneLine($"the model cannot be built: {first}{(problems.Count > 1 ? $" ({problems.Count - 1} more problems)" : "")}");

        // .NET adds "(Parameter 'x')" and the value on a line of its own; neither is for the person at the command line.
        string message = exception.Message;
        if (exception is ArgumentException)
            message = message.Split('\n')[0].Replace($" (Parameter '{((ArgumentException)exception).ParamName}')", "", StringComparison.Ordinal);
        return OneLine(message);
    }

    /// <summary>
    /// Makes two arguments of <c>--prompt=</c>: System.CommandLine would take the argument that follows for the value,
    /// and <c>--prompt="$P" --json</c> is how that comes about.
    /// </summary>
    private static string[] SplitEmptyValues(RootCommand root, string[] args)
    {
        HashSet<string> options = [.. root.Subcommands.SelectMany(command => command.Options).Select(option => $"{option.Name}=")];
        return [.. args.SelectMany(IEnumerable<string> (argument) => options.Contains(argument) ? [argument[..^1], ""] : (string[])[argument])];
    }

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    // "as expected type 'System.Nullable`1[System.Int32]'" tells the person at the command line nothing.
    [GeneratedRegex(" as expected type '[^']*'")]
    private static partial Regex NetType();

    private static int Report(string line, int exitCode)
    {
        Console.Error.WriteLine(line);
        return exitCode;
    }
}
