namespace Transformer.Core.Testing;

/// <summary>The component under test, and what a check says when it fails.</summary>
internal sealed class Subject
{
    public Subject(object component, ConformanceOptions? options)
    {
        Name = component as string ?? component.GetType().Name;
        Options = options ?? new ConformanceOptions();
    }

    public string Name { get; }

    public ConformanceOptions Options { get; }

    public bool Checks(ConformanceRules rule) => Options.Rules.HasFlag(rule);

    /// <summary>Runs a check, if it is wanted. What a component throws is a failure of that check.</summary>
    public void Check(ConformanceRules rule, Action check)
    {
        if (!Checks(rule))
            return;
        try
        {
            check();
        }
        catch (Exception exception) when (exception is not ConformanceException)
        {
            throw new ConformanceException(
                Name, rule, $"it threw {exception.GetType().Name}: {exception.Message}",
                "a shape or number of rows that it did not expect: rows come one at a time and many at once, of several sequences, and may lie further apart than they are long (index rows by MatrixSpan[row]).", exception);
        }
    }

    public ConformanceException Failure(ConformanceRules rule, string found, string usually) => new(Name, rule, found, usually);

    /// <summary>Bit for bit; one row of them, or all.</summary>
    public void RequireEqual(ConformanceRules rule, Rows expected, Rows actual, string whenExpected, string whenActual, string usually, int? row = null) =>
        Require(rule, expected, actual, whenExpected, whenActual, usually, tolerance: 0, row);

    /// <summary>Within the tolerance; one row of them, or all.</summary>
    public void RequireClose(ConformanceRules rule, Rows expected, Rows actual, string whenExpected, string whenActual, string usually, int? row = null) =>
        Require(rule, expected, actual, whenExpected, whenActual, usually, Options.Tolerance, row);

    public void RequireThrows<TException>(ConformanceRules rule, Action action, string what, string usually)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (TException)
        {
            return;
        }
        catch (Exception exception)
        {
            throw Failure(rule, $"{what} should throw {typeof(TException).Name}, threw {exception.GetType().Name}.", usually);
        }
        throw Failure(rule, $"{what} should throw {typeof(TException).Name}, threw nothing.", usually);
    }

    private void Require(ConformanceRules rule, Rows expected, Rows actual, string whenExpected, string whenActual, string usually, double tolerance, int? only)
    {
        for (int row = only ?? 0; row < (only + 1 ?? expected.Count); row++)
        {
            for (int i = 0; i < expected.Width; i++)
            {
                float a = expected[row][i], b = actual[row][i];
                bool same = a.Equals(b) || Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Abs(a));
                if (!same)
                    throw Failure(rule, FormattableString.Invariant($"row {row}, value {i}: {a} {whenExpected}, {b} {whenActual}."), usually);
            }
        }
    }
}
