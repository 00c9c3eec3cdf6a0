using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

/// <summary>Stacks: as one tensor, as a tensor for each member, and as parts of a larger matrix.</summary>
public class TensorStackTests
{
    private static readonly TensorNames Names = new TensorNames()
        .AddStack("model.layers.{}.experts.up.weight", "blk.{}.up.{e}.weight")
        .AddHeads("model.layers.{}.keys.weight", "model.layers.{}.values.weight", "blk.{}.both.weight");

    [Fact]
    public void A_tensor_for_each_member_is_one_stack()
    {
        using IWeightSource source = Names.Apply(new Given(new() { ["blk.3.up.0.weight"] = [1, 2, 3, 4, 5, 6], ["blk.3.up.1.weight"] = [7, 8, 9, 10, 11, 12] }));
        source.Contains("model.layers.3.experts.up.weight").Should().BeTrue();
        source.Contains("model.layers.2.experts.up.weight").Should().BeFalse();
        source.Names.Distinct().Should().Equal("model.layers.3.experts.up.weight");
        Tensor stack = source.Find("model.layers.3.experts.up.weight", new TensorShape(2, 3, 2))!;
        stack.Shape.Should().Be(new TensorShape(2, 3, 2));
        stack.ToArray().Should().Equal(Enumerable.Range(1, 12).Select(i => (float)i));

        WeightLedger ledger = new(source, shapesOnly: false);
        WeightMatrix[] matrices = ledger.Stack("model.layers.3.experts.up.weight", 2, 2, 3);
        float[] row = new float[3];
        matrices[1].DecodeRow(0, row);
        row.Should().Equal(7, 8, 9);
        ledger.Unused.Should().BeEmpty();
        ledger.Problems.Should().BeEmpty();
        ledger.Tensors.Should().ContainSingle().Which.Shape.Length.Should().Be(12);
    }

    [Theory]
    [InlineData(3, "*blk.3.up.2.weight*3 tensors*found 2*")]
    [InlineData(1, "*blk.3.up.1.weight*1 tensors*found more*")]
    public void Another_number_of_members_is_an_error(int count, string message)
    {
        using IWeightSource source = Names.Apply(new Given(new() { ["blk.3.up.0.weight"] = new float[6], ["blk.3.up.1.weight"] = new float[6] }));
        source.Invoking(s => s.Find("model.layers.3.experts.up.weight", new TensorShape(2, 3, count))).Should().Throw<ModelFileException>().WithMessage(message);
        source.Find("model.layers.0.experts.up.weight", new TensorShape(2, 3, count)).Should().BeNull();
    }

    [Fact]
    public void Heads_are_cut_from_one_matrix_and_keys_are_turned()
    {
        // Two heads of two rows of keys and one of values, three columns: [6, 3], values 0 to 17.
        float[] both = [.. Enumerable.Range(0, 18).Select(i => (float)i)];
        using IWeightSource source = Names.Apply(new Fixed(both, new TensorShape(6, 3)));
        source.Find("model.layers.0.keys.weight", new TensorShape(3, 2, 2))!.ToArray().Should().Equal(0, 3, 1, 4, 2, 5, 9, 12, 10, 13, 11, 14);
        source.Find("model.layers.0.values.weight", new TensorShape(1, 3, 2))!.ToArray().Should().Equal(6, 7, 8, 15, 16, 17);
        source.Find("model.layers.0.values.weight", new TensorShape(1, 4, 2))!.Shape.Should().Be(new TensorShape(6, 3), "a message shows what was found");
    }

    [Fact]
    public void Keys_of_a_quantized_matrix_are_turned_as_floats_and_values_stay_as_they_are()
    {
        // Two heads of 3 rows of keys and 5 of values, a latent of 32.
        WeightFormat format = WeightFormat.Q8_0;
        float[] both = Noise.Floats(1, 2 * 8 * 32);
        byte[] blocks = new byte[format.BytesFor(both.Length)];
        format.Encode(both, blocks);
        format.Decode(blocks, both);
        using IWeightSource source = Names.Apply(new Fixed(both, new TensorShape(16, 32), format));
        Tensor keys = source.Find("model.layers.0.keys.weight", new TensorShape(32, 3, 2))!;
        keys.Format.Should().Be(WeightFormat.Float32);
        keys.ToArray().Should().Equal(Enumerable.Range(0, 2 * 32 * 3).Select(i => both[(((i / 96 * 8) + (i % 3)) * 32) + (i / 3 % 32)]));
        Tensor values = source.Find("model.layers.0.values.weight", new TensorShape(5, 32, 2))!;
        values.Format.Should().Be(format);
        values.ToArray().Should().Equal([.. both[(3 * 32)..(8 * 32)], .. both[(11 * 32)..]]);
    }

    [Theory]
    [InlineData("experts.gate_proj.weight")]
    [InlineData("model.layers.0.experts.up.weight")]
    public void A_number_of_members_that_no_tensor_has_costs_no_memory(string name)
    {
        using IWeightSource source = Names.Apply(new Given(new() { ["blk.0.up.0.weight"] = new float[6] }));
        WeightLedger ledger = new(source, shapesOnly: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Action stack = () => new WeightScope(ledger, "").Stack(2_000_000_000, 3, bias: true, (name[..^".weight".Length], 2));
        if (name.StartsWith("model", StringComparison.Ordinal))
        {
            stack.Should().Throw<ModelFileException>().WithMessage("*2000000000 tensors*found 1*");
        }
        else
        {
            stack();
            ledger.Problems.Should().HaveCount(2).And.OnlyContain(problem => problem.Contains("2000000000"));
        }
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1_000_000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Each_row_has_its_own_map(int threads)
    {
        const int count = 5, inputs = 300, outputs = 70;
        NoiseWeights weights = new(2);
        StackedLinear stack = Bench.Context(weights, inputs).Weights.Stack(count, inputs, bias: true, ("a", outputs), ("b", 3));
        float[] x = Noise.Floats(1, 4 * inputs), y = new float[4 * (outputs + 3)], sum = new float[outputs + 3];
        int[] members = [4, 0, 4, 2];
        float[] factors = [0.5f, -1, 2, 0.25f];
        using Workspace workspace = new();
        ComputeContext compute = new(WorkerPool.OfSize(threads), workspace);
        stack.ForwardEach(new MatrixSpan(x, 4, inputs), members, new MatrixSpan(y, 4, outputs + 3), compute);
        stack.AddWeighted(new MatrixSpan(x, 4, inputs), members, factors, sum, compute);

        double[] expected = new double[sum.Length];
        for (int row = 0; row < 4; row++)
        {
            float[] own = new float[outputs + 3];
            stack[members[row]].Forward(new MatrixSpan(x, 4, inputs).RowRange(row, 1), new MatrixSpan(own, 1, own.Length), compute);
            y.AsSpan(row * own.Length, own.Length).ToArray().Should().Equal(own);
            for (int i = 0; i < own.Length; i++)
                expected[i] += factors[row] * own[i];
        }
        Difference.Relative(sum, expected).Should().BeLessThan(1e-6);
        float[] values = weights.Values("a.weight", count * outputs, inputs), bias = weights.Values("a.bias", count, outputs);
        ((double)y[7]).Should().BeApproximately(bias[(4 * outputs) + 7] + Enumerable.Range(0, inputs).Sum(k => (double)x[k] * values[(((4 * outputs) + 7) * inputs) + k]), 1e-4);
    }

    private sealed class Fixed(float[] values, TensorShape shape, WeightFormat? format = null) : IWeightSource
    {
        public string Origin => "a test";

        public IEnumerable<string> Names => ["blk.0.both.weight"];

        public bool Contains(string name) => true;

        public Tensor? Find(string name, TensorShape asked) => new Tensor(name, shape, format ?? WeightFormat.Float32, Origin, () => TensorMemory.FromValues(values, format ?? WeightFormat.Float32));

        public void Dispose()
        {
        }
    }
}
