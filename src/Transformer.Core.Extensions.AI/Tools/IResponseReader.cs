using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>Cuts what a model writes into text, reasoning and tool calls while it comes. State of one answer: not thread-safe.</summary>
internal interface IResponseReader
{
    /// <summary>Whether a special token of this name is a mark of the format, to be given to <see cref="Append"/>; others have no text.</summary>
    bool IsMark(string token);

    /// <summary>Takes a piece and returns what is certain.</summary>
    /// <param name="piece">Text, or the name of a special token.</param>
    /// <param name="isMark">Whether it is a special token.</param>
    IEnumerable<AIContent> Append(string piece, bool isMark);

    /// <summary>What was held back, when nothing follows.</summary>
    IEnumerable<AIContent> Flush();
}
