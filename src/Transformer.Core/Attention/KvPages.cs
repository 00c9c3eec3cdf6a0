using System.Runtime.InteropServices;

namespace Transformer.Core.Attention;

/// <summary>The pages of a <see cref="KvCache"/>, outside the managed heap. One that is given back serves again.</summary>
/// <param name="count">Most pages there may be at once.</param>
/// <param name="pageBytes">Bytes of a page.</param>
internal sealed unsafe class KvPages(int count, long pageBytes) : IDisposable
{
    private readonly nint[] _pages = new nint[count]; // 0 where there is none
    private nint _spare; // a list of pages: each begins with the address of the next
    private long _allocated;

    /// <summary>Bytes held from the operating system.</summary>
    public long SizeInBytes => _allocated * pageBytes;

    /// <summary>A page that is there.</summary>
    public byte* this[int page] => (byte*)_pages[page];

    /// <summary>Whether a page is there.</summary>
    public bool Has(int page) => _pages[page] != 0;

    /// <summary>Brings a page in, unless it is there already; what it holds is undefined, but initialized.</summary>
    public void Take(int page)
    {
        if (Has(page))
            return;
        if (_spare != 0)
        {
            _pages[page] = _spare;
            _spare = *(nint*)_spare;
            return;
        }
        _pages[page] = (nint)NativeMemory.AlignedAlloc((nuint)pageBytes, 64);
        NativeMemory.Clear((void*)_pages[page], (nuint)pageBytes);
        _allocated++;
    }

    /// <summary>Puts a page aside, if it is there.</summary>
    public void GiveBack(int page)
    {
        if (!Has(page))
            return;
        *(nint*)_pages[page] = _spare;
        _spare = _pages[page];
        _pages[page] = 0;
    }

    /// <summary>Takes the pages that <paramref name="source"/> has, with what they hold.</summary>
    public void CopyFrom(KvPages source)
    {
        for (int page = 0; page < _pages.Length; page++)
        {
            if (!source.Has(page))
                continue;
            Take(page);
            NativeMemory.Copy(source[page], this[page], (nuint)pageBytes);
        }
    }

    /// <summary>Hands the memory back.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Hands the memory back.</summary>
    ~KvPages() => Free();

    private void Free()
    {
        for (int page = 0; page < _pages.Length; page++)
            GiveBack(page);
        while (_spare != 0)
        {
            nint next = *(nint*)_spare;
            NativeMemory.AlignedFree((void*)_spare);
            _spare = next;
        }
        _allocated = 0;
    }
}
