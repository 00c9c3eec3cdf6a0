using Transformer.Core.Attention;
using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Attention;

/// <summary>Keys and values in fewer bits: what is computed is what the decoded values give.</summary>
public class KvCacheFormatTests
{
    public static TheoryData<string, double> Formats => new() { { "F16", 6e-3 }, { "BF16", 5e-2 }, { "Q8_0", 0.1 } };

    private static readonly int[] Tokens = Noise.Tokens(4, 700, TinyModels.Vocabulary);

    [Theory]
    [InlineData("F32", 5)]
    [InlineData("F16", 5)]
    [InlineData("BF16", 1)]
    [InlineData("F16", 80)]
    [InlineData("F32", 1100)]
    [InlineData("Q8_0", 32)]
    [InlineData("Q8_0", 96)]
    [InlineData("Q4_0", 64)]
    public void Pages_hold_what_the_format_makes_of_keys_and_values(string name, int headDim)
    {
        WeightFormat format = WeightFormat.All.Single(known => known.Name == name);
        const int heads = 3, tokens = 150;
        float[] keys = Noise.Floats(1, tokens * heads * headDim), values = Noise.Floats(2, tokens * heads * headDim);
        using KvCache cache = new(200, heads, headDim, format);
        foreach ((int start, int count) in ((int, int)[])[(0, 1), (1, 99), (100, 50)])
            cache.Append(Rows(keys, start, count, heads * headDim), Rows(values, start, count, heads * headDim));

        float[] expected = new float[headDim], read = new float[(tokens - 70) * headDim];
        byte[] block = new byte[format.BytesFor(headDim)];
        using Workspace workspace = new();
        for (int head = 0; head < heads; head++)
        {
            cache.CopyKeys(head, 70, new MatrixSpan(read, tokens - 70, headDim), workspace);
            Check(keys, head);
            cache.CopyValues(head, 70, new MatrixSpan(read, tokens - 70, headDim), workspace);
            Check(values, head);
        }
        ((Action)(() => cache.CopyKeys(0, 71, new MatrixSpan(read, tokens - 70, headDim), workspace))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => cache.CopyValues(3, 0, new MatrixSpan(read, 1, headDim), workspace))).Should().Throw<ArgumentOutOfRangeException>();

        void Check(float[] source, int head)
        {
            for (int token = 70; token < tokens; token++)
            {
                format.Encode(source.AsSpan(((token * heads) + head) * headDim, headDim), block);
                format.Decode(block, expected);
                read.AsSpan((token - 70) * headDim, headDim).SequenceEqual(expected).Should().BeTrue("token {0} of head {1}", token, head);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Logits_are_close_to_those_of_floats(string name, double tolerance)
    {
        float[] exact = Model("F32").AllLogits(Tokens);
        float[] rounded = Model(name).AllLogits(Tokens);
        double difference = Difference.Relative(rounded, exact);
        difference.Should().BeLessThan(tolerance).And.BeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Prefill_is_token_by_token_forked_saved_or_truncated(string name, double tolerance)
    {
        _ = tolerance;
        TransformerModel model = Model(name);
        using DecoderSession whole = model.CreateSession();
        whole.Forward(Tokens.AsSpan(0, 300));
        using DecoderSession steps = model.CreateSession();
        for (int i = 0; i < 300; i++)
            steps.Forward(Tokens[i]);
        Difference.Relative(steps.Logits, whole.Logits).Should().BeLessThan(2e-3, "keys that differ in their last bits may round differently");

        using DecoderSession fork = whole.Fork();
        float[] expected = whole.Forward(Tokens.AsSpan(300, 20)).ToArray();
        fork.Forward(Tokens.AsSpan(300, 20)).ToArray().Should().Equal(expected);
        using MemoryStream stream = new();
        whole.Truncate(300);
        whole.Save(stream);
        using DecoderSession loaded = model.CreateSession();
        stream.Position = 0;
        loaded.Load(stream);
        loaded.Forward(Tokens.AsSpan(300, 20)).ToArray().Should().Equal(expected);
        using DecoderSession other = Model(name == "F16" ? "BF16" : "F16").CreateSession();
        stream.Position = 0;
        ((Action)(() => other.Load(stream))).Should().Throw<InvalidDataException>().WithMessage("*stored as*");
    }

    [Fact]
    public void Observed_scores_are_those_of_the_stored_keys()
    {
        TransformerModel model = Model("Q8_0");
        int[] tokens = Tokens[..90];
        model.AllLogits(tokens, new Recorder()).Zip(model.AllLogits(tokens)).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 2e-3);
    }

    [Fact]
    public void Memory_is_what_the_format_takes()
    {
        long floats = Model("F32").Description.StateBytes;
        Model("F16").Description.StateBytes.Should().Be(floats / 2);
        Model("BF16").Description.StateBytes.Should().Be(floats / 2);
        Model("Q8_0").Description.StateBytes.Should().Be(floats / 128 * 34);
    }

    [Fact]
    public void A_head_dim_that_fills_no_block_is_refused_at_build() =>
        ((Action)(() => TinyModels.Builder("llama").WithKvCache(WeightFormat.Q8_0).Build()))
            .Should().Throw<ModelBuildException>().WithMessage("*KvCache*HeadDim*Q8_0*32*found 6*");

    private static TransformerModel Model(string name) => TinyModels.Builder("llama").WithHiddenSize(64).WithHeads(4, 2, 32)
        .WithPositions(c => new RotaryPositions(c.HeadDim))
        .WithKvCache(WeightFormat.All.Single(known => known.Name == name))
        .Build();

    private static MatrixSpan Rows(float[] data, int start, int count, int width) => new(data.AsSpan(start * width, count * width), count, width);
}
