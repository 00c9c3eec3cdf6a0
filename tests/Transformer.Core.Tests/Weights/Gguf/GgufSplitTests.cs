using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Part(int number, int count, int total, string tensor, float value)
    {
        GgufBytes bytes = new GgufBytes()
            .Pair("split.no", 2, BitConverter.GetBytes((ushort)number))
            .Pair("split.count", 2, BitConverter.GetBytes((ushort)count))
            .Pair("split.tensors.count", 5, BitConverter.GetBytes(total));
        if (number == 0)
            bytes.String("general.architecture", "llama");
        return bytes.Floats(tensor, [1], value).ToArray();
    }

    private string WriteThree(string second = "b", int total = 3)
    {
        _folder.Write("m-00002-of-00003.gguf", Part(1, 3, total, second, 2));
        _folder.Write("m-00003-of-00003.gguf", Part(2, 3, total, "c", 3));
        return _folder.Write("m-00001-of-00003.gguf", Part(0, 3, total, "a", 1));
    }

    [Fact]
    public void The_first_part_opens_all()
    {
        using GgufFile file = GgufFile.Open(WriteThree());

        file.Names.Should().Equal("a", "b", "c");
        file.Files.Should().HaveCount(3);
        file.Architecture.Should().Be("llama");
        file.Find("c", default)!.ToArray().Should().Equal(3);
        file.Find("c", default)!.Origin.Should().EndWith("m-00003-of-00003.gguf");
    }

    [Fact]
    public void A_missing_part_is_named()
    {
        string first = WriteThree();
        File.Delete(_folder.File("m-00002-of-00003.gguf"));

        FluentActions.Invoking(() => GgufFile.Open(first)).Should().Throw<ModelFileException>().WithMessage("*m-00002-of-00003.gguf*part 2 of 3*");
    }

    [Fact]
    public void A_later_part_is_refused_and_the_first_one_named()
    {
        WriteThree();

        FluentActions.Invoking(() => GgufFile.Open(_folder.File("m-00003-of-00003.gguf")))
            .Should().Throw<ModelFileException>().WithMessage("*m-00001-of-00003.gguf*part 3 of 3*");
    }

    [Fact]
    public void Parts_that_do_not_belong_together_are_refused()
    {
        string first = WriteThree();

        _folder.Write("m-00002-of-00003.gguf", Part(2, 3, 3, "b", 2));
        FluentActions.Invoking(() => GgufFile.Open(first)).Should().Throw<ModelFileException>().WithMessage("*split.no*");
        _folder.Write("m-00002-of-00003.gguf", Part(1, 4, 3, "b", 2));
        FluentActions.Invoking(() => GgufFile.Open(first)).Should().Throw<ModelFileException>().WithMessage("*split.count*");
        _folder.Write("m-00002-of-00003.gguf", new GgufBytes().Floats("b", [1], 2).ToArray());
        FluentActions.Invoking(() => GgufFile.Open(first)).Should().Throw<ModelFileException>().WithMessage("*split.no*no such key*");
    }

    [Fact]
    public void A_tensor_in_two_parts_or_a_wrong_total_is_refused()
    {
        FluentActions.Invoking(() => GgufFile.Open(WriteThree(second: "a"))).Should().Throw<ModelFileException>().WithMessage("*'a'*");
        FluentActions.Invoking(() => GgufFile.Open(WriteThree(total: 4))).Should().Throw<ModelFileException>().WithMessage("*split.tensors.count*4*3*");
    }

    [Fact]
    public void A_part_under_another_name_is_refused()
    {
        string path = _folder.Write("renamed.gguf", Part(0, 3, 3, "a", 1));

        FluentActions.Invoking(() => GgufFile.Open(path)).Should().Throw<ModelFileException>().WithMessage("*-00001-of-00003.gguf*renamed.gguf*");
    }
}
