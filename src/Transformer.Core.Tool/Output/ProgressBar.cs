using Spectre.Console;

namespace Transformer.Core.Tool.Output;

/// <summary>A progress bar on standard error while somebody watches; nothing otherwise.</summary>
internal static class ProgressBar
{
    public static T Run<T>(string label, Func<IProgress<double>?, T> work)
    {
        if (Console.IsErrorRedirected)
            return work(null);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), Interactive = InteractionSupport.Yes });
        return console.Progress().AutoClear(true).Start(context => work(new Bar(context.AddTask(label, maxValue: 1))));
    }

    // Progress<T> would report on other threads, and late.
    private sealed class Bar(ProgressTask task) : IProgress<double>
    {
        public void Report(double value) => task.Value = value;
    }
}
