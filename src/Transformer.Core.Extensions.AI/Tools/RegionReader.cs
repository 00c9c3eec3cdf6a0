using System.Text;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>
/// Finds regions by their marks, which may be spelled over any number of pieces: what may yet become a mark, or white
/// space before one, waits. What looks like a call but cannot be read is text.
/// </summary>
internal sealed class RegionReader : IResponseReader
{
    private readonly Region[] _regions;
    private readonly StringBuilder _held = new();
    private Region? _inside;
    private bool _isStart = true;
    private bool _skipsSpace;

    /// <summary>Begins an answer.</summary>
    /// <param name="regions">The regions there may be.</param>
    /// <param name="inside">The region that the prompt has opened already.</param>
    public RegionReader(IEnumerable<Region> regions, Region? inside = null)
    {
        _regions = [.. regions];
        _inside = inside;
        _skipsSpace = inside is not null;
    }

    /// <inheritdoc/>
    public bool IsMark(string token) => _regions.Any(region =>
        region.Begin == token || region.End == token || (region.Parse is not null && (token.Contains("tool", StringComparison.Ordinal) || token is "[ARGS]" or "[CALL_ID]")));

    /// <inheritdoc/>
    public IEnumerable<AIContent> Append(string piece, bool isMark)
    {
        _held.Append(piece);
        return Read(isEnd: false);
    }

    /// <inheritdoc/>
    public IEnumerable<AIContent> Flush() => Read(isEnd: true);

    private List<AIContent> Read(bool isEnd)
    {
        List<AIContent> found = [];
        while (_inside is null ? ReadText(found, isEnd) : ReadRegion(found, _inside, isEnd))
        {
        }
        return found;
    }

    // true: there may be more in what is held
    private bool ReadText(List<AIContent> found, bool isEnd)
    {
        string text = _held.ToString();
        if (_skipsSpace)
        {
            text = text.TrimStart();
            if (text.Length > 0)
                _skipsSpace = false;
            Hold(text);
        }
        (int at, Region? region) = (text.Length, null);
        foreach (Region candidate in _regions)
        {
            int place = text.IndexOf(candidate.Begin, StringComparison.Ordinal);
            if (place >= 0 && place < at && !(candidate.OnlyFirst && !(_isStart && string.IsNullOrWhiteSpace(text[..place]))))
                (at, region) = (place, candidate);
        }
        if (region is not null)
        {
            EmitText(found, text[..at].TrimEnd());
            _inside = region;
            _skipsSpace = region.Parse is null;
            Hold(text[(region.KeepsBegin ? at : at + region.Begin.Length)..]);
            return true;
        }
        int certain = isEnd ? text.Length : text.Length - Waiting(text);
        EmitText(found, text[..certain]);
        Hold(text[certain..]);
        return false;
    }

    private bool ReadRegion(List<AIContent> found, Region region, bool isEnd)
    {
        string text = _held.ToString();
        int end = region.End is null ? -1 : text.IndexOf(region.End, StringComparison.Ordinal);
        if (region.Parse is null)
        {
            if (_skipsSpace)
            {
                int skipped = text.Length - text.TrimStart().Length;
                text = text[skipped..];
                end = end < 0 ? end : end - skipped;
                _skipsSpace = text.Length == 0;
            }
            int certain = end >= 0 ? end : isEnd ? text.Length : text.Length - Waiting(text, region.End!);
            string reasoning = end >= 0 ? text[..certain].TrimEnd() : text[..certain];
            if (reasoning.Length > 0)
                found.Add(new TextReasoningContent(reasoning));
            Hold(end >= 0 ? text[(end + region.End!.Length)..] : text[certain..]);
        }
        else if (end >= 0 || isEnd)
        {
            string body = end >= 0 ? text[..end] : text;
            List<FunctionCallContent> calls = region.Parse(body);
            if (calls.Count > 0)
                found.AddRange(calls);
            else
                EmitText(found, (region.KeepsBegin ? "" : region.Begin) + body + (end >= 0 ? region.End : ""));
            Hold(end >= 0 ? text[(end + region.End!.Length)..] : "");
        }
        if (end < 0)
            return false;
        _inside = null;
        _isStart = region.Parse is null && _isStart;
        _skipsSpace = true;
        return true;
    }

    private void EmitText(List<AIContent> found, string text)
    {
        if (text.Length == 0)
            return;
        found.Add(new TextContent(text));
        _isStart = _isStart && string.IsNullOrWhiteSpace(text);
    }

    private void Hold(string text) => _held.Clear().Append(text);

    // how much of the end may be the beginning of a mark, with the white space before it
    private int Waiting(string text)
    {
        int waiting = 0;
        foreach (Region region in _regions)
        {
            if (!region.OnlyFirst || _isStart)
                waiting = Math.Max(waiting, Partial(text, region.Begin));
        }
        int space = text.AsSpan(0, text.Length - waiting).TrimEnd().Length;
        return _regions.Length > 0 ? text.Length - space : waiting;
    }

    private static int Waiting(string text, string mark)
    {
        int partial = Partial(text, mark);
        return text.Length - text.AsSpan(0, text.Length - partial).TrimEnd().Length;
    }

    private static int Partial(string text, string mark)
    {
        for (int length = Math.Min(mark.Length - 1, text.Length); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(mark.AsSpan(0, length)))
                return length;
        }
        return 0;
    }
}
