using Transformer.Core.Numerics.Formats;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Safetensors;

namespace Transformer.Core.Tests.Weights.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private SafetensorsFile Open(byte[] bytes) => SafetensorsFile.Open(_folder.Write("m.safetensors", bytes));

    private void Refused(string json, string message, int dataBytes = 8) =>
        FluentActions.Invoking(() => Open(SafetensorsBytes.Raw(json, new byte[dataBytes]))).Should().Throw<ModelFileException>().WithMessage(message);

    private void Use(byte[] bytes)
    {
        using SafetensorsFile file = Open(bytes);
        foreach (string name in file.Names)
        {
            try
            {
                file.Find(name, default)!.ToArray();
            }
            catch (UnsupportedModelException)
            {
                // a dtype that only the tensor's own use should fail for
            }
        }
    }

    [Fact]
    public void Gives_tensors_in_the_shape_of_the_file()
    {
        using SafetensorsFile file = Open(SafetensorsBytes.Small().ToArray());

        file.Metadata.Should().Contain("format", "pt");
        file.Names.Should().StartWith(["matrix", "vector"]).And.HaveCount(10);
        file.Find("matrix", default)!.Shape.Should().Be(new TensorShape(2, 3));
        file.Find("matrix", default)!.ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
        file.Find("vector", default)!.Shape.Should().Be(TensorShape.Vector(2));
        file.Find("vector", default)!.ToArray().Should().Equal(6, 7);
        file.Find("scalar", default)!.ToArray().Should().Equal(8);
        file.Find("stack", default)!.Shape.Should().Be(new TensorShape(1, 2, 2));
        file.Find("four", default)!.Shape.Should().Be(new TensorShape(1, 1, 4));
        file.Find("half", default)!.Format.Should().BeSameAs(WeightFormat.Float16);
        file.Find("half", default)!.ToArray().Should().Equal(1, -2);
        file.Find("brain", default)!.Format.Should().BeSameAs(WeightFormat.BFloat16);
        file.Find("brain", default)!.ToArray().Should().Equal(1, -2);
        file.Find("empty", default)!.ToArray().Should().BeEmpty();
        file.Find("nothing", default).Should().BeNull();
    }

    [Fact]
    public void Lists_types_it_cannot_decode_and_says_so_when_they_are_asked_for()
    {
        using SafetensorsFile file = Open(SafetensorsBytes.Small().ToArray());

        file.TensorInfos.Single(info => info.Name == "ids").Should().BeEquivalentTo(new { TypeName = "I64", SizeInBytes = 8L });
        file.Invoking(f => f.Find("ids", default)).Should().Throw<UnsupportedModelException>().WithMessage("*'ids'*I64*F32, F16, BF16*");
        file.Invoking(f => f.Find("tiny", default)).Should().Throw<UnsupportedModelException>().WithMessage("*F8_E4M3*");
    }

    [Fact]
    public void Memory_stays_valid_after_the_file_is_closed()
    {
        SafetensorsFile file = Open(SafetensorsBytes.Small().ToArray());
        TensorMemory memory = file.Find("matrix", default)!.Open();

        file.Dispose();
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        BitConverter.ToSingle(memory.Slice(20, 4)).Should().Be(5);
        file.Invoking(f => f.Find("matrix", default)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Damaged_headers_are_refused()
    {
        FluentActions.Invoking(() => SafetensorsFile.Open(_folder.File("none"))).Should().Throw<ModelFileException>().WithMessage("*no such file*");
        FluentActions.Invoking(() => Open([])).Should().Throw<ModelFileException>().WithMessage("*empty*");
        FluentActions.Invoking(() => Open([1, 2, 3])).Should().Throw<ModelFileException>().WithMessage("*8 bytes*3*");
        foreach (ulong length in (ulong[])[3, 200_000_000, long.MaxValue, ulong.MaxValue])
        {
            FluentActions.Invoking(() => Open([.. BitConverter.GetBytes(length), (byte)'{', (byte)'}']))
                .Should().Throw<ModelFileException>().WithMessage($"*header*{length}*");
        }
        Refused("", "*header*");
        Refused("[]", "*header*StartObject*");
        Refused("{} {}", "*header*");
        Refused("{", "*header*");
        Refused("""{"x":1}""", "*header*");
        Refused("""{"x":{}}""", "*'x'*dtype*");
        Refused("""{"__metadata__":{"x":1}}""", "*header*");
        Refused("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "*'x'*data_offsets*");
        Refused("""{"x":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", "*'x'*F33*");
        Refused("""{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "*'x'*12 bytes*8*");
        Refused("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "*'x'*[8, 0]*");
        Refused("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", "*'x'*8 bytes*[4, 12]*");
        Refused("""{"x":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "*header*");
        Refused("""{"x":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", "*header*");
        Refused("""{"x":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,8]}}""", "*'x'*too many*");
        Refused("""{"x":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", "*'x'*");
        Refused("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "*'x'*a second one*");
        Refused("{\"x\":{\"a\":" + new string('[', 100) + new string(']', 100) + "}}", "*header*");
    }

    [Fact]
    public void Cut_anywhere_it_is_refused()
    {
        byte[] whole = new SafetensorsBytes().Floats("a", "2,2", 1, 2, 3, 4).Floats("b", "2", 5, 6).ToArray();
        for (int length = 0; length < whole.Length; length++)
            FluentActions.Invoking(() => Use(whole[..length])).Should().Throw<ModelFileException>();
        Use(whole);
    }

    [Fact]
    public void Random_damage_gives_no_other_exception_and_no_large_allocation()
    {
        byte[] whole = SafetensorsBytes.Small().ToArray();
        int headerEnd = 8 + (int)BitConverter.ToUInt64(whole);
        Random random = new(20260102);
        (int refused, int opened) = (0, 0);
        long most = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(headerEnd)] = (byte)(random.Next(2) == 0 ? random.Next(0x20, 0x7F) : random.Next(256));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Use(damaged);
                opened++;
            }
            catch (ModelFileException)
            {
                refused++;
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        refused.Should().BeGreaterThan(500);
        opened.Should().BeGreaterThan(20);
        most.Should().BeLessThan((20 * whole.Length) + 200_000);
    }
}
