using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Weights.Gguf;

public sealed class GgufDamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Refused(byte[] bytes, string message) => FluentActions.Invoking(() => Use(bytes)).Should().Throw<ModelFileException>().WithMessage(message);

    /// <summary>Opens a file and does with it what a model and <c>inspect</c> would do.</summary>
    private void Use(byte[] bytes)
    {
        using GgufFile file = GgufFile.Open(_folder.Write("damaged.gguf", bytes));
        using IWeightSource canonical = GgufNames.Canonical(file);
        foreach (string key in file.Keys.Concat(["hidden_size", "vocab_size", "rope_scaling.factor", "bos_token_id", "rope_pairing"]))
            file.Find(key);
        foreach (string name in canonical.Names)
        {
            try
            {
                Tensor tensor = canonical.Find(name, new TensorShape(2, 4))!;
                tensor.Open().Slice(0, (int)Math.Min(tensor.SizeInBytes, 1));
                if (tensor.SizeInBytes is > 0 and < 1 << 20)
                    tensor.ToArray();
            }
            catch (UnsupportedModelException)
            {
                // one tensor of an unknown type does not spoil the others
            }
        }
    }

    [Fact]
    public void What_is_no_file_is_refused()
    {
        FluentActions.Invoking(() => GgufFile.Open(_folder.File("none.gguf"))).Should().Throw<ModelFileException>().WithMessage("*none.gguf*no such file*");
        FluentActions.Invoking(() => GgufFile.Open(_folder.File("no/folder.gguf"))).Should().Throw<ModelFileException>().WithMessage("*no such file*");
        FluentActions.Invoking(() => GgufFile.Open(_folder.Path)).Should().Throw<ModelFileException>().WithMessage("*a folder*");
        Refused([], "*an empty file*");
    }

    [Fact]
    public void Other_formats_versions_and_byte_orders_are_refused()
    {
        Refused([.. "ggjt"u8, .. new byte[40]], "*'GGUF'*67 67 6A 74*");
        GgufBytes bytes = GgufBytes.Small();
        foreach (uint version in (uint[])[0, 1, 4, 0x7FFFFFFF])
        {
            bytes.Version = version;
            FluentActions.Invoking(() => Use(bytes.ToArray())).Should().Throw<UnsupportedModelException>().WithMessage($"*version*{version}*2, 3*");
        }
        bytes.Version = 0x03000000;
        FluentActions.Invoking(() => Use(bytes.ToArray())).Should().Throw<UnsupportedModelException>().WithMessage("*big-endian*little-endian*");
    }

    [Theory]
    [InlineData(1UL << 20)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void Absurd_counts_are_refused(ulong count)
    {
        GgufBytes bytes = GgufBytes.Small();
        bytes.ClaimedTensors = count;
        Refused(bytes.ToArray(), $"*tensor count*{count}*");
        bytes = GgufBytes.Small();
        bytes.ClaimedPairs = count;
        Refused(bytes.ToArray(), $"*metadata count*{count}*");
        Refused(new GgufBytes().Array("x", 8, count).ToArray(), $"*'x'*{count}*");
        Refused(new GgufBytes().Array("x", 0, count).ToArray(), $"*'x'*{count}*");
        Refused(new GgufBytes().Pair("x", 8, BitConverter.GetBytes(count)).ToArray(), $"*'x'*{count}*");
    }

    [Fact]
    public void Wrong_values_are_refused()
    {
        Refused(new GgufBytes().Pair("x", 13).Number("y", 1).ToArray(), "*'x'*value type*13*");
        Refused(new GgufBytes().Array("x", 77, 1, 0, 0, 0, 0).ToArray(), "*'x'*value type*77*");
        Refused(new GgufBytes().Pair("x", 7, 2).ToArray(), "*'x'*0 or 1*2*");
        Refused(new GgufBytes().Number("x", 1).Number("x", 2).ToArray(), "*'x'*a second one*");
        Refused(new GgufBytes().Number("general.alignment", 0).ToArray(), "*general.alignment*0*");
        Refused(new GgufBytes().Number("general.alignment", 20).ToArray(), "*general.alignment*20*");
        Refused(new GgufBytes().String("general.alignment", "32").ToArray(), "*general.alignment*");
        FluentActions.Invoking(() => Use(new GgufBytes().Array("x", 9, 1, new byte[12]).ToArray())).Should().Throw<UnsupportedModelException>().WithMessage("*'x'*array of arrays*");
    }

    [Fact]
    public void Wrong_tensors_are_refused()
    {
        Refused(new GgufBytes().Floats("x", [1], 1).Floats("x", [1], 2).ToArray(), "*'x'*a second one*");
        Refused(new GgufBytes().Floats("a", [9], new float[9]).Info("x", [1], 0, 4).ToArray(), "*'x'*multiple of 32*4*");
        Refused(new GgufBytes().Floats("a", [9], new float[9]).Info("x", [2], 0, 32).ToArray(), "*'x'*8 bytes at offset 32*");
        Refused(new GgufBytes().Floats("a", [9], new float[9]).Info("x", [1], 0, 64).ToArray(), "*'x'*offset 64*");
        Refused(new GgufBytes().Floats("a", [1], 1).Info("x", [1], 0, ulong.MaxValue - 31).ToArray(), "*'x'*");
        Refused(new GgufBytes().Floats("a", [1], 1).Info("x", [1], 99, 1UL << 40).ToArray(), "*'x'*");
        Refused(new GgufBytes().Info("x", [1UL << 40, 1UL << 40], 0, 0).ToArray(), "*'x'*1099511627776*");
        Refused(new GgufBytes().Info("x", [1UL << 62, 3], 8, 0).ToArray(), "*'x'*");
        Refused(new GgufBytes().Info("x", [ulong.MaxValue], 0, 0).ToArray(), "*'x'*2⁶³*");
        Refused(new GgufBytes().Info("x", [1, 1, 1, 1, 1], 0, 0).ToArray(), "*'x'*4 dimensions*5*");
        Refused(new GgufBytes().Tensor("x", [33], 8, new byte[68]).ToArray(), "*'x'*multiple of 32*33*");
        Refused(new GgufBytes().Info(new string('n', 70_000), [1], 0, 0).ToArray(), "*tensor 0*65535 bytes*70000*");
        Refused(new GgufBytes().Number(new string('k', 70_000), 1).ToArray(), "*metadata key 0*65535 bytes*70000*");
        Refused(new GgufBytes().Info("x", [0, 1UL << 40], 0, 0).ToArray(), "*'x'*dimensions up to*");
    }

    [Fact]
    public void Cut_anywhere_it_is_refused_or_whole()
    {
        byte[] whole = GgufBytes.Small().ToArray();
        int opened = 0;
        for (int length = 0; length < whole.Length; length++)
        {
            try
            {
                Use(whole[..length]);
                opened++;
            }
            catch (ModelFileException)
            {
                // what a cut file should give
            }
        }
        opened.Should().Be(0, "the last tensor ends with the file");
        Use(whole);
    }

    [Fact]
    public void Random_damage_gives_no_other_exception_and_no_large_allocation()
    {
        byte[] whole = GgufBytes.Small().ToArray();
        Random random = new(20260101);
        (int refused, int opened) = (0, 0);
        long most = 0;
        for (int round = 0; round < 2000; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 5); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)(random.Next(4) == 0 ? 0xFF : random.Next(256));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Use(damaged);
                opened++;
            }
            catch (Exception expected) when (expected is ModelFileException or UnsupportedModelException)
            {
                refused++;
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        refused.Should().BeGreaterThan(200);
        opened.Should().BeGreaterThan(200);
        most.Should().BeLessThan((20 * whole.Length) + 200_000);
    }

    [Fact]
    public void A_claim_is_not_allocated_for_before_it_is_checked()
    {
        // 1 MB of zeros in which a tiny array could claim up to a million empty strings, many times over
        byte[] bytes = [.. new GgufBytes { ClaimedPairs = 60_000 }.Array("x", 8, 1000, new byte[1_000_000]).ToArray()];
        string path = _folder.Write("claims.gguf", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();

        FluentActions.Invoking(() => GgufFile.Open(path)).Should().Throw<ModelFileException>();

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(2 * bytes.Length);
    }
}
