namespace Transformer.Core.Testing;

/// <summary>The checks of what an attention block remembers.</summary>
internal static class StateConformance
{
    private const int Settled = 9;

    public static void Check(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        using (ISequenceState? state = sequences.Create())
            if (state is null)
                return; // remembers nothing; Stepwise sees whether that is right
        subject.Check(ConformanceRules.State, () => CheckLength(sequences, subject, x));
        subject.Check(ConformanceRules.State, () => CheckSettled(sequences, subject, x, other));
        subject.Check(ConformanceRules.State, () => CheckTruncate(sequences, subject, x, other));
        subject.Check(ConformanceRules.Fork, () => CheckFork(sequences, subject, x, other));
        subject.Check(ConformanceRules.SaveLoad, () => CheckSaveLoad(sequences, subject, x, other));
    }

    private static void CheckLength(SequenceOf sequences, Subject subject, Rows x)
    {
        const string usually = "the state does not count the rows that Forward adds, or counts passes instead of rows.";
        using ISequenceState state = sequences.Create()!;
        RequireLength(subject, state, 0, "before the first pass", usually);
        sequences.Run(x.Range(0, Settled), state, 0);
        RequireLength(subject, state, Settled, $"after a pass of {Settled} rows", usually);
        sequences.Run(x.Range(Settled, 1), state, Settled);
        RequireLength(subject, state, Settled + 1, "after one more", usually);
        if (state.SizeInBytes < 0)
            throw subject.Failure(ConformanceRules.State, $"SizeInBytes is {state.SizeInBytes}.", "a sum that overflowed.");
        foreach (int length in (int[])[-1, state.Length + 1])
        {
            if (state.CanTruncate(length))
                throw subject.Failure(ConformanceRules.State, $"CanTruncate({length}) is true for a state of {state.Length} tokens.", "a missing range check.");
            subject.RequireThrows<ArgumentOutOfRangeException>(ConformanceRules.State, () => state.Truncate(length), $"Truncate({length}) of a state of {state.Length} tokens", "a missing range check.");
        }
        foreach (int length in (int[])[state.Length, 0])
        {
            Truncate(subject, state, length, "its present length and 0 are always possible");
            RequireLength(subject, state, length, $"after Truncate({length})", "Truncate does not set the length.");
        }
    }

    /// <summary>A call that fails goes back to where it began: a session settles that length before each call.</summary>
    private static void CheckSettled(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        using ISequenceState fresh = sequences.Create()!;
        using ISequenceState state = sequences.Create()!;
        sequences.Run(x.Range(0, Settled), fresh, 0);
        sequences.Run(x.Range(0, Settled), state, 0);
        state.Settle(Settled);
        sequences.Run(other.Range(0, 6), state, Settled);
        sequences.Decode(other.Range(6, 5), state, Settled + 6);
        Truncate(subject, state, Settled, "the length settled last is always possible");
        RequireLength(subject, state, Settled, "after it went back to the settled length", "Truncate does not set the length.");
        Rows rest = x.Range(Settled, x.Count - Settled);
        subject.RequireEqual(
            ConformanceRules.State, sequences.Run(rest, fresh, Settled), sequences.Run(rest, state, Settled), "in a fresh sequence", "after other tokens were added and truncated to the settled length",
            "Truncate forgets the length but not what later tokens left behind (sums, a recurrent state): keep a copy of those when Settle is called, and restore it.");

        // The first copy must not be the last: settled again, further on.
        state.Settle(x.Count);
        sequences.Run(other.Range(0, 3), state, x.Count);
        Truncate(subject, state, x.Count, "the length settled last is always possible");
        subject.RequireEqual(
            ConformanceRules.State, sequences.Run(other.Range(5, 4), fresh, x.Count), sequences.Run(other.Range(5, 4), state, x.Count), "in a fresh sequence", "after a second settled length was gone back to",
            "Settle keeps the first length it was told and not the last.");
    }

    private static void CheckTruncate(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        foreach (int length in (int[])[x.Count - 1, Settled, 1, 0])
        {
            using ISequenceState fresh = sequences.Create()!;
            using ISequenceState state = sequences.Create()!;
            sequences.Run(x, state, 0);
            if (!state.CanTruncate(length))
            {
                subject.RequireThrows<NotSupportedException>(ConformanceRules.State, () => state.Truncate(length), $"Truncate({length}), which CanTruncate denies,", "CanTruncate and Truncate that decide differently.");
                RequireLength(subject, state, x.Count, "after a Truncate that was refused", "a Truncate that changes the state before it refuses.");
                continue;
            }
            Truncate(subject, state, length, "CanTruncate said so");
            if (length > 0)
                sequences.Run(x.Range(0, length), fresh, 0);
            subject.RequireClose(
                ConformanceRules.State, sequences.Run(other, fresh, length), sequences.Run(other, state, length), "in a fresh sequence", $"after a sequence of {x.Count} tokens was truncated to {length}",
                "Truncate forgets the length but not what later tokens left behind. A state that cannot go back says so in CanTruncate and throws NotSupportedException.");
        }
    }

    private static void CheckFork(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        const string usually = "a fork that shares arrays with its original: copy them.";
        Rows start = x.Range(0, Settled), rest = x.Range(Settled, x.Count - Settled);
        Rows expected = Continue(start, rest), expectedOther = Continue(start, other);
        using ISequenceState state = sequences.Create()!;
        sequences.Run(start, state, 0);
        using (ISequenceState fork = state.Fork())
        {
            if (ReferenceEquals(fork, state))
                throw subject.Failure(ConformanceRules.Fork, "Fork gives the state itself.", usually);
            RequireLength(subject, fork, Settled, "in a fork", "Fork copies the values but not the length.", ConformanceRules.Fork);
            subject.RequireEqual(ConformanceRules.Fork, expectedOther, sequences.Run(other, fork, Settled), "in a sequence of its own", "in a fork", usually);
        }
        subject.RequireEqual(ConformanceRules.Fork, expected, sequences.Run(rest, state, Settled), "in a sequence of its own", "in the original, after its fork went another way and was disposed", usually);

        Rows Continue(Rows first, Rows more)
        {
            using ISequenceState own = sequences.Create()!;
            sequences.Run(first, own, 0);
            return sequences.Run(more, own, Settled);
        }
    }

    private static void CheckSaveLoad(SequenceOf sequences, Subject subject, Rows x, Rows other)
    {
        using ISequenceState state = sequences.Create()!;
        sequences.Run(x.Range(0, Settled), state, 0);
        using MemoryStream stream = new();
        state.Save(stream);
        long saved = stream.Length;
        stream.Write(new byte[64]); // of the next layer

        using ISequenceState loaded = sequences.Create()!;
        sequences.Run(other.Range(0, 3), loaded, 0);
        stream.Position = 0;
        loaded.Load(stream);
        if (stream.Position != saved)
            throw subject.Failure(ConformanceRules.SaveLoad, $"{saved} bytes were saved, {stream.Position} were read.", "Save and Load that differ in what they write and read; the next layer's state follows at once.");
        RequireLength(subject, loaded, Settled, "after Load", "Save does not write the length.", ConformanceRules.SaveLoad);
        Rows rest = x.Range(Settled, x.Count - Settled);
        subject.RequireEqual(
            ConformanceRules.SaveLoad, sequences.Run(rest, state, Settled), sequences.Run(rest, loaded, Settled), "in the state that was saved", "in the state that was loaded",
            "a part of the state that is not saved.");

        byte[] half = stream.ToArray()[..(int)(saved / 2)];
        try
        {
            loaded.Load(new MemoryStream(half));
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            Truncate(subject, loaded, 0, "after a Load that failed a session empties the state");
            return;
        }
        throw subject.Failure(ConformanceRules.SaveLoad, $"Load took a stream that ends after {half.Length} of {saved} bytes.", "Stream.Read, which may give less than was asked for: use ReadExactly.");
    }

    private static void Truncate(Subject subject, ISequenceState state, int length, string why)
    {
        if (!state.CanTruncate(length))
            throw subject.Failure(ConformanceRules.State, $"CanTruncate({length}) is false for a state of {state.Length} tokens; {why}.", "a state that keeps no copy of what it was when Settle was called last.");
        try
        {
            state.Truncate(length);
        }
        catch (Exception exception)
        {
            throw subject.Failure(ConformanceRules.State, $"Truncate({length}) of a state of {state.Length} tokens threw {exception.GetType().Name} ({exception.Message}); {why}.", "CanTruncate left at its default, which promises every shorter length.");
        }
    }

    private static void RequireLength(Subject subject, ISequenceState state, int expected, string when, string usually, ConformanceRules rule = ConformanceRules.State)
    {
        if (state.Length != expected)
            throw subject.Failure(rule, $"the state's Length is {state.Length} {when}, expected {expected}.", usually);
    }
}
