namespace Transformer.Core.Testing;

/// <summary>The same work on two threads at once.</summary>
internal static class Concurrently
{
    private const int Rounds = 50;

    /// <summary>Repeats two pieces of work on a thread each and compares with what each gave alone.</summary>
    public static void Check(Subject subject, Func<Rows> first, Func<Rows> second)
    {
        Func<Rows>[] work = [first, second];
        Rows[] alone = [first(), second()];
        Exception?[] thrown = new Exception?[2];
        using Barrier begin = new(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() =>
        {
            try
            {
                for (int round = 0; round < Rounds; round++)
                {
                    begin.SignalAndWait();
                    subject.RequireEqual(
                        ConformanceRules.TwoThreads, alone[i], work[i](), "alone", "while another thread uses the component",
                        "a buffer or counter kept in a field: take scratch from context.Workspace, keep what a sequence needs in its ISequenceState.");
                }
            }
            catch (Exception exception)
            {
                thrown[i] = exception;
            }
            finally
            {
                begin.RemoveParticipant();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        if ((thrown[0] ?? thrown[1]) is { } failure)
            throw failure as ConformanceException ?? subject.Failure(ConformanceRules.TwoThreads, $"used by two threads at once it threw {failure.GetType().Name}: {failure.Message}", "a buffer or list kept in a field.");
    }
}
