namespace Transformer.Core.Extensions.AI;

/// <summary>Ids of tool calls: nine letters and digits, which every template accepts.</summary>
internal static class CallIds
{
    private const string Letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new id.</summary>
    public static string Create() => Spell((ulong)Random.Shared.NextInt64());

    /// <summary>The id of a number.</summary>
    public static string Spell(ulong number) => string.Create(9, number, static (id, rest) =>
    {
        for (int i = 0; i < id.Length; i++, rest /= (ulong)Letters.Length)
            id[i] = Letters[(int)(rest % (ulong)Letters.Length)];
    });
}
