using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>
/// Reads gpt-oss's answers: messages of a header (recipient, channel) and a body. The channel <c>analysis</c> is reasoning,
/// a message to <c>functions.NAME</c> is a call, the rest is text. See OpenAI's "harmony" response format.
/// </summary>
internal sealed partial class HarmonyReader : IResponseReader
{
    private const string Message = "<|message|>";

    private readonly StringBuilder _header = new();
    private readonly StringBuilder _arguments = new();
    private bool _inBody;
    private bool _isReasoning;
    private string? _function;

    /// <inheritdoc/>
    public bool IsMark(string token) => token is "<|start|>" or "<|channel|>" or "<|constrain|>" or Message or "<|end|>" or "<|call|>" or "<|return|>";

    /// <inheritdoc/>
    public IEnumerable<AIContent> Append(string piece, bool isMark)
    {
        if (!isMark)
            return Text(piece);
        switch (piece)
        {
            case Message:
                string header = _header.ToString();
                _function = Recipient().Match(header) is { Success: true } match ? match.Groups[1].Value : null;
                _isReasoning = header.Contains("<|channel|>analysis", StringComparison.Ordinal);
                _inBody = true;
                return [];
            case "<|end|>" or "<|call|>" or "<|return|>" or "<|start|>":
                return Flush();
            default:
                _header.Append(piece);
                return [];
        }
    }

    /// <inheritdoc/>
    public IEnumerable<AIContent> Flush()
    {
        IEnumerable<AIContent> found = _inBody && _function is not null ? [ToolCallParser.Of(_function, _arguments.ToString())] : [];
        _header.Clear();
        _arguments.Clear();
        _function = null;
        _inBody = false;
        return found;
    }

    private IEnumerable<AIContent> Text(string piece)
    {
        if (piece.Length == 0)
            return [];
        if (!_inBody)
        {
            _header.Append(piece);
            return [];
        }
        if (_function is null)
            return [_isReasoning ? new TextReasoningContent(piece) : new TextContent(piece)];
        _arguments.Append(piece);
        return [];
    }

    [GeneratedRegex(@"to=functions\.([^\s<]+)")]
    private static partial Regex Recipient();
}
