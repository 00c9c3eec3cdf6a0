using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>Vectors of texts against the hidden states that an observer sees.</summary>
public class TextEmbedderTests
{
    private static readonly TransformerModel Model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build();

    [Theory]
    [InlineData(3)]
    [InlineData(256)]
    [InlineData(600)]
    public void Mean_and_last_are_those_of_the_states_behind_the_final_norm(int count)
    {
        int[] tokens = Noise.Tokens(1, count, TinyModels.Vocabulary);
        float[][] states = new float[count][];
        int at = 0;
        Model.AllLogits(tokens, new Changer(-1, ActivationPoints.FinalNorm, values =>
        {
            for (int row = 0; row < values.Rows; row++)
                states[at++] = values[row].ToArray();
        }));
        float[] mean = [.. Enumerable.Range(0, 24).Select(i => states.Average(state => state[i]))];
        Near(new TextEmbedder(Model, normalize: false).Embed(tokens), mean);
        Near(new TextEmbedder(Model, pooling: EmbeddingPooling.Last, normalize: false).Embed(tokens), states[^1]);
        float length = MathF.Sqrt(mean.Sum(v => v * v));
        Near(new TextEmbedder(Model).Embed(tokens), [.. mean.Select(v => v / length)]);
    }

    [Fact]
    public void Normalized_vectors_have_the_length_1()
    {
        foreach (EmbeddingPooling pooling in Enum.GetValues<EmbeddingPooling>())
            new TextEmbedder(Model, pooling: pooling).Embed("some text").Sum(v => (double)v * v).Should().BeApproximately(1, 1e-6);
    }

    [Fact]
    public void Several_texts_come_in_their_order()
    {
        TextEmbedder embedder = new(Model);
        embedder.Dimensions.Should().Be(24);
        IReadOnlyList<float[]> all = embedder.Embed(["a", "hello", ""]);
        all.Should().HaveCount(3);
        all[0].Should().Equal(embedder.Embed("a"));
        all[1].Should().Equal(embedder.Embed([0, 9, 6, 13, 13, 16]), "the beginning token comes first");
        all[2].Should().Equal(embedder.Embed([0]));
    }

    [Fact]
    public void Hidden_states_leave_no_logits_behind()
    {
        TextGenerator generator = new(Model);
        GenerationOptions greedy = new() { MaxTokens = 5, IgnoreEndTokens = true };
        using DecoderSession session = Model.CreateSession();
        session.ForwardHidden([0, 2, 3], new Core.Numerics.MatrixSpan(new float[72], 3, 24));
        generator.Complete([0, 2, 3], greedy, session).TokenIds.Should().Equal(generator.Complete([0, 2, 3], greedy).TokenIds);
        ((Action)(() => session.ForwardHidden([1], new Core.Numerics.MatrixSpan(new float[48], 2, 24)))).Should().Throw<ArgumentException>().WithMessage("*[1, 24]*[2, 24]*");
    }

    [Fact]
    public void What_cannot_be_is_refused()
    {
        TextEmbedder embedder = new(Model);
        ((Action)(() => embedder.Embed(ReadOnlySpan<int>.Empty))).Should().Throw<ArgumentException>();
        ((Action)(() => embedder.Embed([50]))).Should().Throw<TokenOutOfRangeException>();
        ((Action)(() => embedder.Embed(new string('a', 1200)))).Should().Throw<ContextLengthExceededException>();
        ((Action)(() => embedder.Embed((string)null!))).Should().Throw<ArgumentNullException>();
        ((Action)(() => embedder.Embed("a", new CancellationToken(canceled: true)))).Should().Throw<OperationCanceledException>();
        ((Action)(() => _ = new TextEmbedder(Model, pooling: (EmbeddingPooling)7))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new TextEmbedder(TinyModels.Build("llama")))).Should().Throw<ArgumentException>().WithMessage("*WithTokenizer*");
    }

    private static void Near(float[] found, float[] expected) => found.Should().Equal(expected, (a, b) => Math.Abs(a - b) <= 1e-5f);
}
