namespace Transformer.Core.Tool.Chat;

/// <summary>Ctrl-C of a conversation: during an answer it ends the answer, otherwise the program.</summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationToken _ending;
    private readonly Lock _lock = new();
    private CancellationTokenSource? _answer;

    /// <param name="ending">Ends an answer too.</param>
    public Interruption(CancellationToken ending)
    {
        _ending = ending;
        Console.CancelKeyPress += Pressed;
    }

    /// <summary>Begins an answer, which Ctrl-C ends once.</summary>
    public CancellationToken BeginAnswer()
    {
        lock (_lock)
            return (_answer = CancellationTokenSource.CreateLinkedTokenSource(_ending)).Token;
    }

    /// <summary>The answer has ended.</summary>
    public void EndAnswer()
    {
        lock (_lock)
        {
            _answer?.Dispose();
            _answer = null;
        }
    }

    public void Dispose() => Console.CancelKeyPress -= Pressed;

    private void Pressed(object? sender, ConsoleCancelEventArgs press)
    {
        press.Cancel = true;
        lock (_lock)
        {
            if (_answer is { IsCancellationRequested: false })
            {
                _answer.Cancel();
                return;
            }
        }
        // Nobody can wake the thread that waits for a line.
        Console.Out.Flush();
        Environment.Exit(CommandRun.Interrupted);
    }
}
