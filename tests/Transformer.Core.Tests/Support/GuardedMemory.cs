using System.Runtime.InteropServices;

namespace Transformer.Core.Tests.Support;

/// <summary>
/// Memory that ends where an inaccessible page begins: reading or writing one byte beyond it ends the process.
/// Linux only.
/// </summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int None = 0, Read = 1, Write = 2;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly nuint _mapped;

    public GuardedMemory(int bytes)
    {
        nuint page = (nuint)Environment.SystemPageSize;
        nuint usable = ((nuint)bytes + page - 1) / page * page;
        Length = bytes;
        _mapped = usable + page;
        _start = (byte*)Map(0, _mapped, Read | Write, PrivateAnonymous, -1, 0);
        if ((nint)_start == -1 || Protect((nint)(_start + usable), page, None) != 0)
            throw new InvalidOperationException($"No guard page (error {Marshal.GetLastPInvokeError()}).");
        Pointer = _start + usable - bytes;
    }

    public static bool IsSupported => OperatingSystem.IsLinux();

    public int Length { get; }

    public byte* Pointer { get; }

    public Span<byte> Bytes => new(Pointer, Length);

    public Span<float> Floats => new(Pointer, Length / sizeof(float));

    public void Dispose()
    {
        if (Unmap((nint)_start, _mapped) != 0)
            throw new InvalidOperationException($"munmap failed (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
