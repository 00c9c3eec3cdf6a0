using Microsoft.Extensions.AI;

namespace Transformer.Core.Extensions.AI;

/// <summary>What one call asks for, checked.</summary>
/// <param name="Generation">How to sample; stop strings are not in it, for they are looked for in text alone.</param>
/// <param name="StopStrings">Strings that end the answer.</param>
/// <param name="Tools">The tools that the model sees.</param>
/// <param name="Variables">Further variables of the template.</param>
/// <param name="SingleCall">Whether the answer ends after one tool call.</param>
/// <param name="ShowsReasoning">Whether reasoning is part of the response.</param>
internal sealed record ChatRequest(
    GenerationOptions Generation,
    IReadOnlyList<string> StopStrings,
    IReadOnlyList<AITool> Tools,
    IReadOnlyDictionary<string, object?> Variables,
    bool SingleCall,
    bool ShowsReasoning);
