using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Transformer.Core.Weights;

/// <summary>
/// A file mapped into memory, read-only and of any size. Nobody unmaps it: the pages stay for as long as anything
/// refers to this object or to a <see cref="TensorMemory"/> cut from it, and go when the last reference does.
/// </summary>
/// <remarks>
/// Reading a page that is no longer mapped ends the process, and so does reading one that another program cut off
/// the file meanwhile. The first cannot happen here, for there is no Dispose; the second no reader of mapped files can prevent.
/// </remarks>
internal sealed unsafe class MappedFile
{
    // The handle's own finalizer unmaps. It is also the owner given to every part.
    private readonly SafeMemoryMappedViewHandle _view;
    private readonly byte* _start;
    private readonly SafeFileHandle _handle;

    private MappedFile(string path, long length, SafeFileHandle handle, SafeMemoryMappedViewHandle view, byte* start)
    {
        _handle = handle;
        Path = path;
        Length = length;
        _view = view;
        _start = start;
    }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Maps a file.</summary>
    /// <exception cref="ModelFileException">It is missing, empty, a folder, or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        if (Directory.Exists(path))
            throw new ModelFileException(path, null, "a file", "a folder");
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            long length = RandomAccess.GetLength(handle);
            if (length == 0)
                throw new ModelFileException(path, null, "data", "an empty file");
            using MemoryMappedFile map = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            MemoryMappedViewAccessor accessor = map.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            SafeMemoryMappedViewHandle view = accessor.SafeMemoryMappedViewHandle;

            // AcquirePointer would count one more reference, and the handle's finalizer would then never unmap.
            byte* start = (byte*)view.DangerousGetHandle() + accessor.PointerOffset;
            return new MappedFile(path, length, handle, view, start);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelFileException(path, null, "a file", "no such file", missing);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new ModelFileException(path, null, "a readable file", refused.Message.TrimEnd('.'), refused);
        }
    }

    /// <summary>Copies bytes out of the file.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the file.</exception>
    public void Read(long offset, Span<byte> bytes)
    {
        Check(offset, bytes.Length);
        new ReadOnlySpan<byte>(_start + offset, bytes.Length).CopyTo(bytes);
        GC.KeepAlive(_view);
    }

    /// <summary>Some of the bytes as memory that keeps the file mapped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the file.</exception>
    public TensorMemory Part(long offset, long length)
    {
        Check(offset, length);
        return new TensorMemory(_start + offset, length, this, offset, _view);
    }

    /// <summary>Copies bytes by reading the file rather than the mapping.</summary>
    /// <exception cref="ModelFileException">The file ends early: it was cut off since it was opened.</exception>
    internal void ReadThrough(long offset, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, bytes, offset);
            if (read == 0)
                throw new ModelFileException(Path, null, $"{Length} bytes", $"{offset}: the file was cut off since it was opened");
            offset += read;
            bytes = bytes[read..];
        }
    }

    private void Check(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset > Length - length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Bytes {offset} to {offset + length} of {Path}, which has {Length}.");
    }
}
