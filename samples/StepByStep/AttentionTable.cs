using System.Globalization;
using System.Text;

namespace StepByStep;

/// <summary>Who looks at whom in one attention head: a row a token that looks, a column a token that is looked at.</summary>
internal static class AttentionTable
{
    private static readonly (float AtLeast, string Cell)[] Shades = [(0.6f, "██"), (0.35f, "▓▓"), (0.15f, "▒▒"), (0.05f, "░░"), (0, "··")];

    public static void Write(Recorded pattern, int head, string[] pieces)
    {
        int tokens = pieces.Length;
        Console.WriteLine($"  The pattern of head {head} of {pattern.Heads}: ██ above 60 %, ▓▓ 35 %, ▒▒ 15 %, ░░ 5 %, ·· less; the future is empty.");
        Console.WriteLine();
        Console.WriteLine($"      {string.Concat(Enumerable.Range(0, tokens).Select(key => $"{key,3}"))}");
        for (int query = 0; query < tokens; query++)
        {
            ReadOnlySpan<float> weights = pattern.Row((head * tokens) + query);
            StringBuilder line = new();
            for (int key = 0; key < tokens; key++)
                line.Append(' ').Append(key > query ? "  " : Shade(weights[key]));
            Console.WriteLine($"  {query,3} {line}  {pieces[query]}");
        }
        Console.WriteLine();
        float[] last = pattern.Row(((head + 1) * tokens) - 1).ToArray();
        IEnumerable<string> most = Enumerable.Range(0, tokens).OrderByDescending(key => last[key]).Take(3)
            .Select(key => string.Create(CultureInfo.InvariantCulture, $"{pieces[key]} {last[key]:P0}"));
        Console.WriteLine($"  {pieces[^1]} looks most at: {string.Join(", ", most)}");
    }

    private static string Shade(float weight)
    {
        foreach ((float atLeast, string cell) in Shades)
        {
            if (weight >= atLeast)
                return cell;
        }
        return "??";
    }
}
