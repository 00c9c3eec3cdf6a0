using Transformer.Core.Architectures;
using Transformer.Core.Generation;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Support;
using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Generation;

/// <summary>What fails in a rehearsal is dropped, so these tests are the only ones to see that it works.</summary>
[Trait("Category", "Kernels")]
public class RehearsalTests
{
    public static TheoryData<string> Presets => [.. ModelPresets.Names];

    public static TheoryData<string> Formats => [.. WeightFormat.All.Select(format => format.Name)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Every_family_can_be_rehearsed(string preset) =>
        ((Action)(() => Rehearsal.Run(ModelPresets.Find(preset), new Unreadable(WeightFormat.Float32)))).Should().NotThrow();

    [Theory]
    [MemberData(nameof(Formats))]
    public void So_can_every_format(string format) =>
        ((Action)(() => Rehearsal.Run(ModelPresets.Find("llama-3.2-1b"), new Unreadable(WeightFormat.All.Single(f => f.Name == format))))).Should().NotThrow();

    [Fact]
    public void What_fails_in_it_does_not_surface()
    {
        Unreadable broken = new(null);
        ((Action)(() => Rehearsal.Run(ModelPresets.Find("gpt2"), broken))).Should().Throw<InvalidOperationException>();

        // An exception that leaves a thread ends the process.
        new Rehearsal().Continue(ModelPresets.Find("gpt2"), broken).Join(TimeSpan.FromMinutes(1)).Should().BeTrue();
    }

    [Fact]
    public void A_model_gives_the_same_beside_it()
    {
        TransformerModel model = ModelLoader.Open(Reference.Folder("llama-tiny")).WithThreads(2).Build();
        float[] alone = Logits(model);
        Thread rehearsal = new Rehearsal().Continue(ModelPresets.Find("llama-3.2-1b"), new Unreadable(WeightFormat.Q4_K));
        do
            Logits(model).Should().Equal(alone);
        while (!rehearsal.Join(0));
    }

    [Fact]
    public void It_is_given_zeros_in_the_formats_of_the_checkpoint()
    {
        BlankWeights blank = new(new Unreadable(WeightFormat.Q4_K));
        Tensor matrix = blank.Find("a.weight", new TensorShape(3, 512))!;
        (matrix.Format, matrix.Shape).Should().Be((WeightFormat.Q4_K, new TensorShape(3, 512)));
        matrix.ToArray().Should().HaveCount(3 * 512).And.OnlyContain(value => value == 0);
        blank.Find("a.bias", TensorShape.Vector(3))!.Format.Should().Be(WeightFormat.Float32, "3 values are no block");

        Tensor stack = blank.Find("experts.weight", new TensorShape(2, 256, Count: 5))!;
        stack.Members.Should().HaveCount(5).And.OnlyContain(member => member.Open().Length == 2 * 144);
    }

    [Fact]
    public void No_checkpoint_makes_it_take_more_memory_than_the_checkpoint_has() =>
        ((Action)(() => new BlankWeights(new Unreadable(WeightFormat.Float32, new TensorShape(16, 256))).Find("a.weight", new TensorShape(1 << 28, 256))))
            .Should().Throw<InvalidOperationException>().WithMessage("a file: expected at most 16777216 bytes of zeros for a.weight [268435456, 256], found 274877906944.");

    private static float[] Logits(TransformerModel model)
    {
        using DecoderSession session = model.CreateSession();
        return [.. session.Forward([1, 2, 3, 4, 5])];
    }

    /// <summary>A checkpoint that tells its formats but whose values must not be read; without a format, one that tells nothing.</summary>
    private sealed class Unreadable(WeightFormat? format, TensorShape? own = null) : IWeightSource
    {
        public string Origin => "a file";

        public IEnumerable<string> Names => [];

        public bool Contains(string name) => false;

        public Tensor? Find(string name, TensorShape shape) => format is null
            ? throw new InvalidOperationException("The file is closed.")
            : new Tensor(name, own ?? shape, format, Origin, () => throw new InvalidOperationException($"{name} was read."));

        public void Dispose()
        {
        }
    }
}
