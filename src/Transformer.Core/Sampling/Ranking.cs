namespace Transformer.Core.Sampling;

/// <summary>Tokens in the order of a key, smallest first; of equal ones those of smaller ids. Keeps its memory.</summary>
internal sealed class Ranking
{
    private float[] _keys = [];
    private int[] _ids = [];
    private int _count;

    /// <summary>The tokens, in order once they are sorted.</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count);

    /// <summary>Forgets all, and makes room for <paramref name="capacity"/>.</summary>
    public void Clear(int capacity)
    {
        _count = 0;
        if (_keys.Length >= capacity)
            return;
        _keys = new float[capacity];
        _ids = new int[capacity];
    }

    /// <summary>Adds a token.</summary>
    public void Add(float key, int id)
    {
        _keys[_count] = key;
        _ids[_count++] = id;
    }

    /// <summary>Puts them in order.</summary>
    public void Sort()
    {
        Span<float> keys = _keys.AsSpan(0, _count);
        Span<int> ids = _ids.AsSpan(0, _count);
        keys.Sort(ids);
        for (int start = 0; start < keys.Length;)
        {
            int end = start + 1;
            while (end < keys.Length && keys[end] == keys[start])
                end++;
            if (end > start + 1)
                ids[start..end].Sort();
            start = end;
        }
    }
}
