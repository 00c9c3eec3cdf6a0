using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Formats => [.. WeightFormat.All.Select(format => format.Name)];

    private static float[] Values(int count) => [.. Enumerable.Range(0, count).Select(i => MathF.Sin(i * 0.37f) * 3)];

    [Fact]
    public void Metadata_comes_back()
    {
        string path = _folder.File("m.gguf");
        new GgufWriter()
            .Set("general.architecture", "article").Set("b", true).Set("u8", (byte)200).Set("i8", (sbyte)-5).Set("u16", (ushort)60000)
            .Set("i16", (short)-6).Set("u32", 4_000_000_000u).Set("i32", -7).Set("u64", 8UL).Set("i64", -9L).Set("f32", 0.25f).Set("f64", 0.1)
            .Set("texts", ["a", "é日", ""]).Set("bools", (bool[])[true, false]).Set("ints", (int[])[1, -2]).Set("uints", (uint[])[3])
            .Set("longs", (long[])[-4]).Set("floats", (float[])[0.5f]).Set("doubles", (double[])[0.1])
            .Save(path);

        using GgufFile file = GgufFile.Open(path);

        file.Version.Should().Be(3);
        file.Architecture.Should().Be("article");
        file.Keys.Select(key => file.Find(key)).Should().BeEquivalentTo(
            new object[]
            {
                "article", true, 200L, -5L, 60000L, -6L, 4_000_000_000L, -7L, 8L, -9L, 0.25, 0.1,
                new[] { "a", "é日", "" }, new[] { true, false }, new[] { 1L, -2L }, new[] { 3L }, new[] { -4L }, new[] { 0.5 }, new[] { 0.1 },
            },
            options => options.WithStrictOrdering());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Tensors_come_back_in_every_format(string name)
    {
        WeightFormat format = WeightFormat.All.Single(candidate => candidate.Name == name);
        string path = _folder.File("m.gguf");
        (int rows, int columns) = (3, format.BlockLength * 5);
        float[] values = Values(rows * columns);
        byte[] encoded = new byte[format.BytesFor(values.Length)];
        format.Encode(values, encoded);
        float[] rounded = new float[values.Length];
        format.Decode(encoded, rounded);

        new GgufWriter()
            .Add("vector", TensorShape.Vector(5), WeightFormat.Float32, Values(5))
            .Add("matrix", new TensorShape(rows, columns), format, values)
            .Add("stack", new TensorShape(1, columns, 3), format, values)
            .Add("rows", new TensorShape(rows, columns), format, (row, bytes) => format.Encode(values.AsSpan((int)row * columns, columns), bytes))
            .Add("last", TensorShape.Vector(1), WeightFormat.Float32, new float[] { 42 })
            .Save(path);

        using GgufFile file = GgufFile.Open(path);
        file.TensorInfos.Should().OnlyContain(info => info.Offset % 32 == 0);
        file.Find("vector", default)!.ToArray().Should().Equal(Values(5));
        file.Find("matrix", default)!.Format.Should().BeSameAs(format);
        file.Find("matrix", default)!.Shape.Should().Be(new TensorShape(rows, columns));
        file.Find("matrix", default)!.ToArray().Should().Equal(rounded);
        file.Find("stack", default)!.Shape.Should().Be(new TensorShape(1, columns, 3));
        file.Find("stack", default)!.ToArray().Should().Equal(rounded);
        file.Find("rows", default)!.ToArray().Should().Equal(rounded);
        file.Find("last", default)!.ToArray().Should().Equal(42);
    }

    [Fact]
    public void The_same_calls_give_the_same_bytes_and_a_copy_is_identical()
    {
        GgufWriter Describe() => new GgufWriter().Set("a", 1u).Add("x", new TensorShape(2, 64), WeightFormat.Q4_0, Values(128)).Add("y", TensorShape.Vector(3), WeightFormat.Float16, Values(3));
        Describe().Save(_folder.File("1.gguf"));
        Describe().Save(_folder.File("2.gguf"));
        using GgufFile first = GgufFile.Open(_folder.File("1.gguf"));
        GgufWriter copy = new GgufWriter().Set("a", 1u);
        foreach (string name in first.Names)
            copy.Add(name, first.Find(name, default)!);
        copy.Save(_folder.File("3.gguf"));

        byte[] bytes = File.ReadAllBytes(_folder.File("1.gguf"));
        (bytes.Length % 32).Should().Be(0);
        File.ReadAllBytes(_folder.File("2.gguf")).Should().Equal(bytes);
        File.ReadAllBytes(_folder.File("3.gguf")).Should().Equal(bytes);
    }

    [Fact]
    public void Writes_what_is_written_by_hand()
    {
        new GgufWriter().Set("general.architecture", "llama").Set("n", 5u).Add("t", new TensorShape(2, 3), WeightFormat.Float32, new float[] { 1, 2, 3, 4, 5, 6 }).Save(_folder.File("m.gguf"));
        byte[] expected = new GgufBytes().String("general.architecture", "llama").Number("n", 5).Floats("t", [3, 2], 1, 2, 3, 4, 5, 6).ToArray();

        File.ReadAllBytes(_folder.File("m.gguf")).Should().StartWith(expected, "only padding may follow");
    }

    [Fact]
    public void A_failure_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.Write("m.gguf", "old");
        GgufWriter writer = new GgufWriter().Add("x", new TensorShape(2, 4), WeightFormat.Float32, (row, _) =>
        {
            if (row == 1)
                throw new InvalidOperationException("no more rows");
        });

        writer.Invoking(w => w.Save(path)).Should().Throw<InvalidOperationException>();

        File.ReadAllText(path).Should().Be("old");
        Directory.GetFiles(_folder.Path).Should().Equal(path);
        new GgufWriter().Set("a", 1).Save(path);
        Directory.GetFiles(_folder.Path).Should().Equal(path);
        GgufFile.Open(path).Find("a").Should().Be(1L);
    }

    [Fact]
    public void Mistakes_are_refused()
    {
        GgufWriter writer = new GgufWriter().Set("a", 1).Add("x", TensorShape.Vector(1), WeightFormat.Float32, new float[1]);

        writer.Invoking(w => w.Set("a", 2)).Should().Throw<ArgumentException>().WithMessage("*key a*");
        writer.Invoking(w => w.Set("é", 2)).Should().Throw<ArgumentException>();
        writer.Invoking(w => w.Set("general.alignment", 64u)).Should().Throw<ArgumentException>();
        writer.Invoking(w => w.Add("x", TensorShape.Vector(1), WeightFormat.Float32, new float[1])).Should().Throw<ArgumentException>().WithMessage("*tensor x*");
        writer.Invoking(w => w.Add("y", TensorShape.Vector(2), WeightFormat.Float32, new float[1])).Should().Throw<ArgumentException>().WithMessage("*2 values, 1*");
        writer.Invoking(w => w.Add("y", TensorShape.Vector(33), WeightFormat.Q8_0, new float[33])).Should().Throw<ArgumentException>();
        writer.Invoking(w => w.Add(new string('n', 64), TensorShape.Vector(1), WeightFormat.Float32, new float[1])).Should().Throw<ArgumentException>();
    }
}
