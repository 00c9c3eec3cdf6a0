using System.Globalization;

namespace Transformer.Core.Experiments;

/// <summary>Names of points with <c>*</c> for anything: <c>layers.*.attention.pattern</c>, <c>layers.3.*</c>, <c>logits</c>.</summary>
internal sealed class PointPattern
{
    private const string Layers = "layers.";

    private readonly bool _inLayers;
    private readonly bool _outside;
    private readonly int? _layer;
    private readonly string _point;

    public PointPattern(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        _outside = !text.StartsWith(Layers, StringComparison.Ordinal);
        _inLayers = !_outside || text == "*";
        _point = text;
        if (_outside)
            return;
        int end = text.IndexOf('.', Layers.Length);
        string layer = end < 0 ? "" : text[Layers.Length..end];
        if (layer != "*" && !int.TryParse(layer, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            throw new ArgumentException($"Pattern '{text}': expected layers.NUMBER.POINT or layers.*.POINT.", nameof(text));
        _layer = layer == "*" ? null : int.Parse(layer, CultureInfo.InvariantCulture);
        _point = text[(end + 1)..];
    }

    public bool Matches(int layer, string point) =>
        (layer < 0 ? _outside : _inLayers && (_layer is null || _layer == layer)) && Matches(_point, point);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int star = pattern.IndexOf('*');
        if (star < 0)
            return pattern.SequenceEqual(text);
        if (!text.StartsWith(pattern[..star]))
            return false;
        pattern = pattern[(star + 1)..];
        text = text[star..];
        if (pattern.IsEmpty)
            return true;
        for (int start = 0; start <= text.Length; start++)
            if (Matches(pattern, text[start..]))
                return true;
        return false;
    }
}
