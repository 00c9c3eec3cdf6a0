using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Numerics;

public unsafe class WorkspaceTests
{
    private static nint Address<T>(Span<T> span)
        where T : unmanaged => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(span));

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Everything_is_aligned_to_a_cache_line(int count)
    {
        using Workspace workspace = new();
        using WorkspaceScope scope = workspace.Scope();
        for (int i = 0; i < 5; i++)
        {
            (Address(workspace.Floats(count)) % 64).Should().Be(0);
            (Address(workspace.Bytes(count)) % 64).Should().Be(0);
            (Address(workspace.Matrix(count, 3).Data) % 64).Should().Be(0);
        }
    }

    [Fact]
    public void What_a_scope_took_is_handed_out_again()
    {
        using Workspace workspace = new();
        using WorkspaceScope outer = workspace.Scope();
        Span<float> kept = workspace.Floats(100);
        nint first;
        using (workspace.Scope())
            first = Address(workspace.Floats(50));
        using (workspace.Scope())
            Address(workspace.Floats(70)).Should().Be(first);
        first.Should().NotBe(Address(kept));
    }

    /// <summary>Random nested scopes, each block filled with its own number and looked at again before its scope ends.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nothing_alive_ever_overlaps(int seed)
    {
        using Workspace workspace = new();
        Random random = new(seed);
        int number = 0;
        for (int pass = 0; pass < 20; pass++)
            Nest(workspace, random, 0, ref number);
    }

    private static void Nest(Workspace workspace, Random random, int depth, ref int number)
    {
        using WorkspaceScope scope = workspace.Scope();
        Span<float> before = Fill(workspace, random, ++number);
        int own = number;
        for (int child = random.Next(3); child > 0 && depth < 6; child--)
        {
            Nest(workspace, random, depth + 1, ref number);
            Span<float> between = Fill(workspace, random, ++number);
            int second = number;
            Nest(workspace, random, depth + 1, ref number);
            between.IndexOfAnyExcept(second).Should().Be(-1);
        }
        before.IndexOfAnyExcept(own).Should().Be(-1);
    }

    private static Span<float> Fill(Workspace workspace, Random random, int number)
    {
        Span<float> span = workspace.Floats(1 << random.Next(16));
        span.Fill(number);
        return span;
    }

    /// <summary>The mark of the inner scope lies in a block that has been outgrown by the time it ends.</summary>
    [Fact]
    public void A_scope_that_outgrew_its_block_leaves_the_others_intact()
    {
        using Workspace workspace = new();
        using WorkspaceScope outer = workspace.Scope();
        Span<byte> kept = workspace.Bytes(60 * 1024);
        kept.Fill(1);
        using (workspace.Scope())
            workspace.Bytes(100 * 1024).Fill(2);
        Span<byte> large = workspace.Bytes(50 * 1024), small = workspace.Bytes(100);
        large.Fill(3);
        small.Fill(4);
        kept.IndexOfAnyExcept((byte)1).Should().Be(-1);
        large.IndexOfAnyExcept((byte)3).Should().Be(-1);

        long size = workspace.SizeInBytes;
        for (int i = 0; i < 100; i++)
        {
            using WorkspaceScope scope = workspace.Scope();
            workspace.Bytes(50 * 1024).Fill(5);
        }
        workspace.SizeInBytes.Should().Be(size, "a scope in the middle gives back what it took");
        kept.IndexOfAnyExcept((byte)1).Should().Be(-1);
    }

    [Fact]
    public void After_the_largest_pass_nothing_is_allocated()
    {
        using Workspace workspace = new();
        Pass(workspace, 100_000);
        Pass(workspace, 100_000);
        long size = workspace.SizeInBytes, managed = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Pass(workspace, 100_000);
        (GC.GetAllocatedBytesForCurrentThread() - managed).Should().Be(0);
        workspace.SizeInBytes.Should().Be(size);

        static void Pass(Workspace workspace, int count)
        {
            using WorkspaceScope scope = workspace.Scope();
            for (int i = 0; i < 7; i++)
            {
                workspace.Floats(count);
                using WorkspaceScope inner = workspace.Scope();
                workspace.Floats(2 * count);
            }
        }
    }

    [Fact]
    public void Nothing_can_be_taken_of_negative_or_absurd_size()
    {
        using Workspace workspace = new();
        FluentActions.Invoking(() => { workspace.Floats(-1); }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => { workspace.Bytes(-1); }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => { workspace.Matrix(65536, 65536); }).Should().Throw<OverflowException>();
        workspace.Floats(0).Length.Should().Be(0);
        workspace.SizeInBytes.Should().Be(0);
    }

    [Fact]
    public void Dispose_hands_all_back_and_may_be_repeated()
    {
        Workspace workspace = new();
        workspace.Floats(1000);
        workspace.SizeInBytes.Should().BeGreaterThanOrEqualTo(4000);
        workspace.Dispose();
        workspace.Dispose();
        workspace.SizeInBytes.Should().Be(0);
    }
}
