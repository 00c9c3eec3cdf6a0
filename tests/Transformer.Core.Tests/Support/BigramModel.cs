using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Support;

/// <summary>A model whose next token depends on the last one alone, by a table of probabilities written down in the test.</summary>
internal static class BigramModel
{
    /// <summary>A model of 50 tokens (those of <see cref="LetterTokenizer"/>); what the table does not name has no chance.</summary>
    public static TransformerModel Build(params (int From, int To, double Probability)[] table) => new TransformerBuilder()
        .WithTokenizer(new LetterTokenizer()).WithHiddenSize(TinyModels.Vocabulary).WithLayers(1).WithContextLength(64).WithRandomWeights(1)
        .WithEmbedding(_ => new OneHot()).WithPositions(_ => new None())
        .WithAttention(_ => new Silent()).WithFeedForward(_ => new Silent())
        .WithBlockLayout(BlockLayout.PreNorm).WithNormalization(_ => new Same()).WithFinalNormalization(_ => new Same())
        .WithOutputHead(_ => new Table(table)).Build();

    private sealed class OneHot : IEmbedding
    {
        public void Forward(ReadOnlySpan<int> tokenIds, MatrixSpan hidden)
        {
            for (int row = 0; row < tokenIds.Length; row++)
            {
                hidden[row].Clear();
                hidden[row][tokenIds[row]] = 1;
            }
        }
    }

    private sealed class None : IPositionalEncoder;

    private sealed class Silent : IAttentionBlock, IFeedForward
    {
        public ISequenceState? CreateState(int capacity) => null;

        public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
        {
            for (int row = 0; row < y.Rows; row++)
                y[row].Clear();
        }
    }

    private sealed class Same : INormalization
    {
        public void Forward(MatrixSpan x, MatrixSpan y) => x.CopyTo(y);
    }

    private sealed class Table((int From, int To, double Probability)[] table) : IOutputHead
    {
        public void Forward(MatrixSpan hidden, MatrixSpan logits, in ForwardContext context)
        {
            for (int row = 0; row < hidden.Rows; row++)
            {
                int last = hidden[row].IndexOf(1f);
                logits[row].Fill(-1000);
                foreach ((int from, int to, double probability) in table)
                    if (from == last)
                        logits[row][to] = (float)Math.Log(probability);
            }
        }
    }
}
