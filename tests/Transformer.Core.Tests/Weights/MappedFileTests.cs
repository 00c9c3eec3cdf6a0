using Transformer.Core.Weights;

namespace Transformer.Core.Tests.Weights;

public sealed class MappedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parts_are_checked_against_the_file()
    {
        MappedFile file = MappedFile.Open(_folder.Write("x", [1, 2, 3, 4]));

        file.Length.Should().Be(4);
        file.Part(1, 3).Slice(0, 3).ToArray().Should().Equal(2, 3, 4);
        file.Part(4, 0).Length.Should().Be(0);
        foreach ((long offset, long length) in ((long, long)[])[(0, 5), (4, 1), (-1, 1), (0, -1), (long.MaxValue, 1), (1, long.MaxValue)])
            file.Invoking(f => f.Part(offset, length)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void What_cannot_be_mapped_is_a_file_error()
    {
        FluentActions.Invoking(() => MappedFile.Open(_folder.File("none"))).Should().Throw<ModelFileException>().WithMessage("*no such file*");
        FluentActions.Invoking(() => MappedFile.Open(_folder.Path)).Should().Throw<ModelFileException>().WithMessage("*a folder*");
        FluentActions.Invoking(() => MappedFile.Open(_folder.Write("empty", ""))).Should().Throw<ModelFileException>().WithMessage("*an empty file*");
        FluentActions.Invoking(() => MappedFile.Open("a\0b")).Should().Throw<ModelFileException>();
    }

    [Fact]
    public void A_file_of_more_than_two_gigabytes_is_read_at_its_end()
    {
        string path = _folder.File("large");
        const long length = 5L << 30;
        using (FileStream stream = File.Create(path))
        {
            // sparse: takes one block on the disk
            stream.Position = length - 2;
            stream.Write([7, 8]);
        }

        MappedFile file = MappedFile.Open(path);

        file.Length.Should().Be(length);
        TensorMemory memory = file.Part(16, length - 16);
        memory.Slice(length - 18, 2).ToArray().Should().Equal(7, 8);
        memory.Part(3L << 30, 4).Slice(0, 4).ToArray().Should().Equal(0, 0, 0, 0);
    }

    [Fact]
    public void A_file_that_nothing_refers_to_is_unmapped()
    {
        if (!OperatingSystem.IsLinux())
            return;
        string path = _folder.Write("transformer-unmapped", new byte[10_000]);
        int Mappings() => File.ReadLines("/proc/self/maps").Count(line => line.EndsWith(path, StringComparison.Ordinal));

        WeakReference reference = OpenAndForget(path, Mappings);
        for (int i = 0; i < 10 && (reference.IsAlive || Mappings() > 0); i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Mappings().Should().Be(0);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference OpenAndForget(string path, Func<int> mappings)
    {
        MappedFile file = MappedFile.Open(path);
        mappings().Should().Be(1);
        return new WeakReference(file);
    }
}
