using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Support;

/// <summary>Chooses tokens that were written down before, so that a test knows the text; afterwards always the letter z.</summary>
internal sealed class Script(params IEnumerable<int> tokens) : ISampler
{
    private readonly Queue<int> _tokens = new(tokens);

    public int Sample(ReadOnlySpan<float> logits) => _tokens.Count > 0 ? _tokens.Dequeue() : LetterTokenizer.Letter('z');

    /// <summary>Options under which the model "generates" a text of letters, then a token after the text.</summary>
    public static GenerationOptions Options(string text, params int[] then) => new()
    {
        MaxTokens = 20,
        Sampler = () => new Script([.. text.Select(LetterTokenizer.Letter), .. then]),
    };
}
