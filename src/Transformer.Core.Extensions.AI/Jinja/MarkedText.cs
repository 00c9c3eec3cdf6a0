using System.Text;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>A template's string. It remembers which of its characters the template's author wrote and which are data.</summary>
/// <remarks>Every operation keeps the marks, so that the output can be cut into trusted and untrusted parts.</remarks>
internal sealed class MarkedText : IEquatable<MarkedText>
{
    /// <summary>No characters.</summary>
    public static readonly MarkedText Empty = new([]);

    private readonly TextPart[] _parts;
    private string? _text;

    /// <summary>A text of parts, none of them empty, neighbours marked differently.</summary>
    internal MarkedText(TextPart[] parts)
    {
        _parts = parts;
        Length = parts.Sum(part => part.Text.Length);
    }

    /// <summary>Number of UTF-16 units.</summary>
    public int Length { get; }

    /// <summary>The characters without the marks.</summary>
    public string Text => _text ??= _parts.Length == 1 ? _parts[0].Text : string.Concat(_parts.Select(part => part.Text));

    /// <summary>The characters with the marks.</summary>
    public IReadOnlyList<TextPart> Parts => _parts;

    /// <summary>Whether any character is data.</summary>
    public bool HasData => _parts.Any(part => !part.IsTemplate);

    /// <summary>A text by the template's author.</summary>
    public static MarkedText Template(string text) => text.Length == 0 ? Empty : new([new TextPart(text, true)]);

    /// <summary>A text by anyone else.</summary>
    public static MarkedText Data(string text) => text.Length == 0 ? Empty : new([new TextPart(text, false)]);

    /// <summary>A piece of the text.</summary>
    public MarkedText Slice(int start, int length)
    {
        if (length == 0)
            return Empty;
        if (length == Length)
            return this;
        List<TextPart> pieces = [];
        int at = 0;
        foreach (TextPart part in _parts)
        {
            int from = Math.Max(start - at, 0);
            int to = Math.Min(start + length - at, part.Text.Length);
            if (from < to)
                pieces.Add(part with { Text = part.Text[from..to] });
            at += part.Text.Length;
        }
        return new([.. pieces]);
    }

    /// <summary>The text from a place on.</summary>
    public MarkedText From(int start) => Slice(start, Length - start);

    /// <summary>Changes each part by itself; for changes that look at one character at a time.</summary>
    public MarkedText Map(Func<string, string> change)
    {
        List<TextPart> pieces = [];
        foreach (TextPart part in _parts)
        {
            if (change(part.Text) is { Length: > 0 } changed)
                pieces.Add(part with { Text = changed });
        }
        return new([.. pieces]);
    }

    /// <summary>The text's code points, as Python indexes them: their starts, and the length last.</summary>
    public int[] CodePoints()
    {
        List<int> starts = new(Length + 1);
        for (int i = 0; i < Text.Length; i++)
        {
            if (i == 0 || !char.IsLowSurrogate(Text[i]) || !char.IsHighSurrogate(Text[i - 1]))
                starts.Add(i);
        }
        starts.Add(Text.Length);
        return [.. starts];
    }

    /// <inheritdoc/>
    public bool Equals(MarkedText? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as MarkedText);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>Puts a <see cref="MarkedText"/> together, within a limit.</summary>
/// <param name="limit">Called with the number of characters there would be, before they are.</param>
internal sealed class MarkedTextBuilder(Action<long>? limit = null)
{
    private readonly List<TextPart> _parts = [];
    private readonly StringBuilder _open = new();
    private bool _openIsTemplate;
    private long _length;

    /// <summary>Adds a piece.</summary>
    public MarkedTextBuilder Append(ReadOnlySpan<char> text, bool isTemplate)
    {
        if (text.IsEmpty)
            return this;
        _length += text.Length;
        limit?.Invoke(_length);
        if (isTemplate != _openIsTemplate)
        {
            Close();
            _openIsTemplate = isTemplate;
        }
        _open.Append(text);
        return this;
    }

    /// <summary>Adds a text with its marks.</summary>
    public MarkedTextBuilder Append(MarkedText text)
    {
        foreach (TextPart part in text.Parts)
            Append(part.Text, part.IsTemplate);
        return this;
    }

    /// <summary>The text so far.</summary>
    public MarkedText ToText()
    {
        Close();
        return _parts.Count == 0 ? MarkedText.Empty : new([.. _parts]);
    }

    private void Close()
    {
        if (_open.Length == 0)
            return;
        // a second ToText may find the last part still growing
        if (_parts.Count > 0 && _parts[^1].IsTemplate == _openIsTemplate)
            _parts[^1] = _parts[^1] with { Text = _parts[^1].Text + _open };
        else
            _parts.Add(new TextPart(_open.ToString(), _openIsTemplate));
        _open.Clear();
    }
}
