namespace Transformer.Core.Extensions.AI.Tests.Support;

internal static class AsyncLists
{
    public static async Task<List<T>> ToListAsync<T>(this IAsyncEnumerable<T> items)
    {
        List<T> all = [];
        await foreach (T item in items)
            all.Add(item);
        return all;
    }
}
