using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

public sealed class TensorNamesTests
{
    private static float[] Values(IWeightSource source, string name, TensorShape shape)
    {
        Tensor tensor = source.Find(name, shape)!;
        tensor.Shape.Should().Be(shape);
        tensor.SizeInBytes.Should().Be(tensor.Open().Length);
        return tensor.ToArray();
    }

    [Fact]
    public void Layers_are_numbered_and_other_names_pass()
    {
        using IWeightSource source = new TensorNames().Add("layers.{}.a.weight", "blk.{}.x.weight").Add("head", "out")
            .Apply(new ListedWeights().Add("blk.12.x.weight", new(2, 2)).Add("out", new(1, 2)).Add("blk.3.other", new(1, 1)));

        source.Names.Should().Equal("layers.12.a.weight", "head", "blk.3.other");
        source.Contains("layers.12.a.weight").Should().BeTrue();
        source.Contains("layers.1.a.weight").Should().BeFalse();
        source.Contains("blk.3.other").Should().BeTrue();
        source.Find("layers.12.a.weight", default)!.Name.Should().Be("blk.12.x.weight", "messages name what the file has");
        source.Find("layers.1.a.weight", default).Should().BeNull();
        source.Find("head", default)!.ToArray().Should().Equal(0, 1);
    }

    [Fact]
    public void Ignored_tensors_are_not_named()
    {
        using IWeightSource source = new TensorNames().Ignore("h.{}.mask").Ignore("buffer")
            .Apply(new ListedWeights().Add("h.0.mask", new(1, 1)).Add("h.1.mask", new(1, 1)).Add("buffer", new(1, 1)).Add("h.0.w", new(1, 1)));

        source.Names.Should().Equal("h.0.w");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Three_fused_matrices_are_cut_by_the_shapes_asked_for(bool transposed)
    {
        // q has 3 outputs, k and v one each, of 2 inputs
        TensorShape stored = transposed ? new(2, 5) : new(5, 2);
        using IWeightSource source = new TensorNames().AddFused("q", "k", "v", "qkv", transposed).Apply(new ListedWeights().Add("qkv", stored));

        source.Names.Should().Equal("q", "k", "v");
        Values(source, "q", new(3, 2)).Should().Equal(transposed ? [0, 5, 1, 6, 2, 7] : [0, 1, 2, 3, 4, 5]);
        Values(source, "k", new(1, 2)).Should().Equal(transposed ? [3, 8] : [6, 7]);
        Values(source, "v", new(1, 2)).Should().Equal(transposed ? [4, 9] : [8, 9]);
    }

    [Fact]
    public void Two_fused_matrices_and_their_biases()
    {
        using IWeightSource source = new TensorNames().AddFused("gate", "up", "gate_up").AddFused("gate.bias", "up.bias", "gate_up.bias", transposed: true)
            .Apply(new ListedWeights().Add("gate_up", new(4, 2)).Add("gate_up.bias", TensorShape.Vector(4)));

        Values(source, "gate", new(2, 2)).Should().Equal(0, 1, 2, 3);
        Values(source, "up", new(2, 2)).Should().Equal(4, 5, 6, 7);
        Values(source, "gate.bias", TensorShape.Vector(2)).Should().Equal(0, 1);
        Values(source, "up.bias", TensorShape.Vector(2)).Should().Equal(2, 3);
    }

    [Fact]
    public void Fused_rows_of_a_block_format_are_cut_without_decoding()
    {
        using IWeightSource source = new TensorNames().AddFused("a", "b", "ab").Apply(new ListedWeights().Add("ab", new(4, 64), WeightFormat.Q8_0));

        Tensor whole = new ListedWeights().Add("ab", new(4, 64), WeightFormat.Q8_0).Find("ab", default)!;
        Values(source, "b", new(2, 64)).Should().Equal(whole.ToArray()[128..]);
        source.Find("b", new(2, 64))!.Format.Should().BeSameAs(WeightFormat.Q8_0);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Sixteen_bit_matrices_are_transposed(string format)
    {
        using IWeightSource source = new TensorNames().Add("a", "x", transposed: true)
            .Apply(new ListedWeights().Add("x", new(2, 3), WeightFormat.All.Single(f => f.Name == format)));

        Values(source, "a", new(3, 2)).Should().Equal(0, 3, 1, 4, 2, 5);
    }

    [Fact]
    public void A_transposed_part_takes_no_more_memory_than_it_has_values()
    {
        using IWeightSource source = new TensorNames().AddFused("q", "k", "v", "qkv", transposed: true).Apply(new ListedWeights().Add("qkv", new(4, 12)));

        source.Find("k", new(4, 4))!.Open().Length.Should().Be(4 * 4 * sizeof(float));
    }

    [Fact]
    public void What_cannot_be_cut_is_given_whole_so_that_the_message_shows_its_shape()
    {
        using IWeightSource source = new TensorNames().AddFused("q", "k", "v", "qkv").AddFused("p", "l", "w", "plw", transposed: true)
            .Apply(new ListedWeights().Add("qkv", new(5, 2)).Add("plw", new(2, 5)));

        source.Find("k", new(3, 2))!.Shape.Should().Be(new TensorShape(5, 2));
        source.Find("q", new(6, 2))!.Shape.Should().Be(new TensorShape(5, 2));
        source.Find("l", new(3, 2))!.Shape.Should().Be(new TensorShape(5, 2), "it is shown as the rows that it would have");
        source.Find("v", new(2, 7))!.Shape.Should().Be(new TensorShape(2, 2), "rows are cut, columns are the file's");
    }

    [Fact]
    public void Interleaved_parts_are_gathered_head_by_head()
    {
        // 2 heads of 2 outputs: q, k and v of the first, then of the second
        using IWeightSource source = new TensorNames().AddInterleaved("q", "k", "v", "qkv", heads: 2).AddInterleaved("q.bias", "k.bias", "v.bias", "qkv.bias", heads: 2)
            .Apply(new ListedWeights().Add("qkv", new(12, 2)).Add("qkv.bias", TensorShape.Vector(12)));

        source.Names.Should().Equal("q", "k", "v", "q.bias", "k.bias", "v.bias");
        Values(source, "q", new(4, 2)).Should().Equal(0, 1, 2, 3, 12, 13, 14, 15);
        Values(source, "k", new(4, 2)).Should().Equal(4, 5, 6, 7, 16, 17, 18, 19);
        Values(source, "v", new(4, 2)).Should().Equal(8, 9, 10, 11, 20, 21, 22, 23);
        Values(source, "q.bias", TensorShape.Vector(4)).Should().Equal(0, 1, 6, 7);
        Values(source, "v.bias", TensorShape.Vector(4)).Should().Equal(4, 5, 10, 11);
        source.Find("k", new(4, 2))!.Open().Length.Should().Be(4 * 2 * sizeof(float));
    }

    [Fact]
    public void Interleaved_rows_of_a_block_format_stay_as_they_are()
    {
        ListedWeights listed = new ListedWeights().Add("qkv", new(6, 32), WeightFormat.Q8_0);
        float[] whole = listed.Find("qkv", default)!.ToArray();
        using IWeightSource source = new TensorNames().AddInterleaved("q", "k", "v", "qkv", heads: 2).Apply(listed);

        Values(source, "k", new(2, 32)).Should().Equal([.. whole[32..64], .. whole[128..160]]);
        source.Find("k", default)!.Format.Should().BeSameAs(WeightFormat.Q8_0);
    }

    [Fact]
    public void What_is_not_three_parts_a_head_is_given_whole()
    {
        using IWeightSource source = new TensorNames().AddInterleaved("q", "k", "v", "qkv", heads: 4).Apply(new ListedWeights().Add("qkv", new(18, 2)));

        source.Find("k", new(6, 2))!.Shape.Should().Be(new TensorShape(18, 2));
    }

    [Theory]
    [InlineData("F32")]
    [InlineData("BF16")]
    public void What_a_file_leaves_out_is_added(string format)
    {
        using IWeightSource source = new TensorNames().AddShifted("norm", "x", 1).Apply(new ListedWeights().Add("x", TensorShape.Vector(3), WeightFormat.All.Single(f => f.Name == format)));

        Values(source, "norm", TensorShape.Vector(3)).Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Other_parts_of_a_file_are_not_named()
    {
        using IWeightSource source = new TensorNames().IgnoreBelow("vision.").Apply(new ListedWeights().Add("vision.layers.0.w", new(1, 1)).Add("visions", new(1, 1)));

        source.Names.Should().Equal("visions");
    }

    [Fact]
    public void Blocks_cannot_be_transposed()
    {
        using IWeightSource source = new TensorNames().Add("a", "x", transposed: true).Apply(new ListedWeights().Add("x", new(2, 32), WeightFormat.Q8_0));

        source.Invoking(s => s.Find("a", new(32, 2))).Should().Throw<ModelFileException>().WithMessage("*'x'*float format*Q8_0*");
    }
}
