using Microsoft.Extensions.AI;
using Transformer.Core.Sampling;
using Transformer.Core.Weights;

namespace Transformer.Core.Extensions.AI.Tests.Support;

/// <summary>A real, tiny model whose answers are written down before: a sampler chooses the tokens of one text after the other.</summary>
internal sealed class ScriptedModel
{
    private readonly Queue<string> _answers = new();

    public ScriptedModel(params string[] marks)
    {
        Tokenizer = new MarkTokenizer(marks);
        Model = new TransformerBuilder().WithName("tiny").WithVocabulary(Tokenizer.VocabSize).WithContextLength(4096).WithLayers(1).WithHiddenSize(8).WithHeads(2)
            .WithTokenizer(Tokenizer).WithWeights(new RandomWeights(3)).Build();
    }

    public MarkTokenizer Tokenizer { get; }

    public TransformerModel Model { get; }

    /// <summary>Options that answer with these texts in turn; each ends with the end token unless it says otherwise by <c>...</c>.</summary>
    public GenerationOptions Answers(params string[] answers)
    {
        foreach (string answer in answers)
            _answers.Enqueue(answer);
        return new GenerationOptions { MaxTokens = 4000, Sampler = () => new Script(this, _answers.Dequeue()) };
    }

    /// <summary>A client that answers so.</summary>
    public TransformerChatClient Client(string template, params string[] answers) =>
        new(Model, new TransformerChatClientOptions { Template = ChatTemplate.Parse(template), Defaults = Answers(answers) });

    private sealed class Script : ISampler
    {
        private readonly Queue<int> _tokens;

        public Script(ScriptedModel model, string answer) => _tokens = new(model.Tokenizer.Encode(answer, addBos: false, parseSpecial: true).Append(257));

        public int Sample(ReadOnlySpan<float> logits) => _tokens.Count > 0 ? _tokens.Dequeue() : 257;
    }
}
