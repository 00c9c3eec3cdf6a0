using Transformer.Core.Numerics;

namespace Transformer.Core.Testing.Tests;

/// <summary>Position encoders with one fault each.</summary>
public class FaultyPositionsTests
{
    [Fact]
    public void A_misspelt_method_is_caught() => Caught(new Misspelt(), ConformanceRules.Effect, "misspelt");

    [Fact]
    public void A_bias_that_nobody_asks_for_is_caught() => Caught(new UnaskedBias(), ConformanceRules.Effect, "BiasesScores is false");

    [Fact]
    public void One_that_treats_all_positions_alike_is_caught() => Caught(new Adds((_, _) => 1), ConformanceRules.Effect, "treated alike");

    [Fact]
    public void A_row_s_index_taken_for_its_position_is_caught() => Caught(new Adds((positions, row) => row + 1 + (positions[0] == 5 ? 1 : 0)), ConformanceRules.Stepwise, "AddToEmbeddings of position");

    [Fact]
    public void Counting_on_from_the_first_position_is_caught() => Caught(new Adds((positions, row) => positions[0] + row), ConformanceRules.Batch, "row 0, value 0");

    [Fact]
    public void Counting_calls_is_caught()
    {
        int calls = 0;
        Caught(new Adds((positions, row) => positions[row] + calls++), ConformanceRules.Stateless, "again");
    }

    [Fact]
    public void A_rotation_over_the_whole_row_is_caught() => Caught(new RotatesWholeRows(), ConformanceRules.Batch, "head 0 alone");

    [Fact]
    public void A_bias_that_takes_every_block_for_the_first_is_caught() => Caught(new BiasOfBlocks(), ConformanceRules.Batch, "key 5");

    [Fact]
    public void One_that_allocates_is_caught() => Caught(new Adds((positions, row) => positions[row] + new int[2].Length), ConformanceRules.Allocation, "bytes");

    private static void Caught(IPositionalEncoder encoder, ConformanceRules rule, string where)
    {
        ConformanceException failure = ((Action)(() => ComponentConformance.CheckPositions(encoder, 32, 4, 8))).Should().Throw<ConformanceException>().Which;
        failure.Rule.Should().Be(rule, failure.Message);
        failure.Message.Should().Contain(where).And.Contain("Usually: ");
    }

    private sealed class Misspelt : IPositionalEncoder
    {
        public bool BiasesScores => false;

        public void Rotates(ReadOnlySpan<int> positions, MatrixSpan vectors, int headDim) => vectors[0][0] += positions[0];

        public void AddToEmbeddings(int[] positions, MatrixSpan hidden) => hidden[0][0] += positions[0];
    }

    private sealed class UnaskedBias : IPositionalEncoder
    {
        public bool BiasesScores => false;

        public void BiasScores(int head, int queryPosition, int firstKey, Span<float> scores)
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] -= queryPosition - firstKey - i;
        }
    }

    private sealed class BiasOfBlocks : IPositionalEncoder
    {
        public void BiasScores(int head, int queryPosition, int firstKey, Span<float> scores)
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] -= queryPosition - i;
        }

        // Something that tells positions apart, or the fault would be seen as no effect.
        public void AddToEmbeddings(ReadOnlySpan<int> positions, MatrixSpan hidden)
        {
            for (int row = 0; row < positions.Length; row++)
                hidden[row][0] += positions[row];
        }
    }

    private sealed class RotatesWholeRows : IPositionalEncoder
    {
        public bool BiasesScores => false;

        public void Rotate(ReadOnlySpan<int> positions, MatrixSpan vectors, int headDim)
        {
            for (int row = 0; row < positions.Length; row++)
                for (int i = 0; i < vectors.Columns; i++)
                    vectors[row][i] *= MathF.Cos(positions[row] * MathF.Pow(100, -i / (float)vectors.Columns));
        }
    }

    private sealed class Adds(Adds.Amount amount) : IPositionalEncoder
    {
        public delegate int Amount(ReadOnlySpan<int> positions, int row);

        public bool BiasesScores => false;

        public void AddToEmbeddings(ReadOnlySpan<int> positions, MatrixSpan hidden)
        {
            for (int row = 0; row < positions.Length; row++)
                hidden[row][0] += amount(positions, row);
        }
    }
}
