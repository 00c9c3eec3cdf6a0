using System.Text;

namespace Transformer.Core.Sampling;

/// <summary>
/// Watches a text that comes in pieces for strings that end it. A stop string may span pieces; what could be the
/// beginning of one is held back until it is clear, so no part of a stop string is ever given out.
/// </summary>
public sealed class StopStrings
{
    private readonly string[] _stops;
    private readonly StringBuilder _held = new();

    /// <summary>Watches for <paramref name="stops"/>.</summary>
    /// <exception cref="ArgumentException">A stop string is empty.</exception>
    public StopStrings(IEnumerable<string> stops)
    {
        _stops = [.. stops];
        if (_stops.Any(string.IsNullOrEmpty))
            throw new ArgumentException("Stop strings: expected non-empty strings.", nameof(stops));
    }

    /// <summary>The stop string that ended the text, or null.</summary>
    public string? Matched { get; private set; }

    /// <summary>Takes a piece and returns the text that is certain to come before any stop string.</summary>
    public string Append(string piece)
    {
        if (Matched is not null)
            return "";
        if (_stops.Length == 0)
            return piece;
        _held.Append(piece);
        string text = _held.ToString();

        // The stop string that is complete first ends the text, of several complete at once the longest:
        // so the result does not depend on how the text was cut into pieces.
        int begin = -1;
        foreach (string stop in _stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0)
                continue;
            int later = Matched is null ? -1 : at + stop.Length - begin - Matched.Length;
            if (later < 0 || (later == 0 && at < begin))
            {
                begin = at;
                Matched = stop;
            }
        }
        int certain = begin >= 0 ? begin : text.Length - LongestBeginning(text);
        _held.Clear();
        if (begin < 0)
            _held.Append(text, certain, text.Length - certain);
        return text[..certain];
    }

    /// <summary>The text held back, once it is clear that nothing follows.</summary>
    public string Flush()
    {
        string text = _held.ToString();
        _held.Clear();
        return text;
    }

    /// <summary>Length of the longest end of the text that begins a stop string.</summary>
    private int LongestBeginning(string text)
    {
        int longest = 0;
        foreach (string stop in _stops)
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                    longest = length;
        return longest;
    }
}
