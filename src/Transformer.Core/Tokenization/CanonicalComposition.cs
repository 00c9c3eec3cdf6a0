using System.Globalization;
using System.Text;

namespace Transformer.Core.Tokenization;

/// <summary>Unicode normalization form NFC (Unicode Standard Annex 15), which Qwen's vocabularies want.</summary>
/// <remarks>
/// <see cref="string.Normalize()"/> returns its input unchanged, without a word, in an application that sets
/// InvariantGlobalization (usual in containers): the ids would then depend on a switch of the host.
/// </remarks>
internal static class CanonicalComposition
{
    private const int HangulFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TrailBefore = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28;

    private static readonly Dictionary<int, int[]> Decompositions = [];
    private static readonly Dictionary<(int First, int Second), int> Compositions = [];
    private static readonly Dictionary<int, int> Classes = [];

    static CanonicalComposition()
    {
        foreach (string run in CanonicalMappings.Decompositions.Split(' '))
        {
            int colon = run.IndexOf(':');
            int character = Hex(run.AsSpan(0, colon));
            foreach (string item in run[(colon + 1)..].Split(','))
            {
                int[] parts = [.. item.TrimEnd('!').Split('+').Select(part => Hex(part))];
                Decompositions[character] = parts;
                if (parts.Length == 2 && !item.EndsWith('!'))
                    Compositions[(parts[0], parts[1])] = character;
                character++;
            }
        }
        foreach (string run in CanonicalMappings.CombiningClasses.Split(' '))
        {
            int colon = run.IndexOf(':'), dash = run.IndexOf('-');
            int first = Hex(run.AsSpan(0, dash < 0 ? colon : dash));
            int last = dash < 0 ? first : Hex(run.AsSpan(dash + 1, colon - dash - 1));
            for (int character = first; character <= last; character++)
                Classes[character] = int.Parse(run.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The text in form NFC; the same object if nothing changes.</summary>
    /// <param name="text">Well-formed UTF-16.</param>
    public static string Of(string text)
    {
        // nothing below the combining marks ever changes
        if (text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02FF') < 0)
            return text;

        var characters = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
            Decompose(rune.Value, characters);
        Reorder(characters);
        Compose(characters);

        var composed = new StringBuilder(characters.Count);
        foreach (int character in characters)
            composed.Append(new Rune(character).ToString());
        return composed.Equals(text) ? text : composed.ToString();
    }

    private static int Hex(ReadOnlySpan<char> digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static int ClassOf(int character) => Classes.GetValueOrDefault(character);

    private static void Decompose(int character, List<int> result)
    {
        int hangul = character - HangulFirst;
        if (hangul is >= 0 and < Leads * Vowels * Trails)
        {
            result.Add(LeadFirst + hangul / (Vowels * Trails));
            result.Add(VowelFirst + hangul % (Vowels * Trails) / Trails);
            if (hangul % Trails != 0)
                result.Add(TrailBefore + hangul % Trails);
        }
        else if (Decompositions.TryGetValue(character, out int[]? parts))
        {
            foreach (int part in parts)
                Decompose(part, result);
        }
        else
        {
            result.Add(character);
        }
    }

    // canonical ordering: a stable sort by class within each run of combining marks
    private static void Reorder(List<int> characters)
    {
        int start = 0;
        while (start < characters.Count)
        {
            int end = start;
            while (end < characters.Count && ClassOf(characters[end]) != 0)
                end++;
            if (end - start > 1)
            {
                int[] sorted = [.. characters.GetRange(start, end - start).OrderBy(ClassOf)];
                for (int i = 0; i < sorted.Length; i++)
                    characters[start + i] = sorted[i];
            }
            start = end + 1;
        }
    }

    private static void Compose(List<int> characters)
    {
        int starter = -1, written = 0, lastClass = 0;
        for (int i = 0; i < characters.Count; i++)
        {
            int character = characters[i], own = ClassOf(character);
            // blocked if a mark of the same or a higher class, or another starter, lies between
            bool adjacent = starter == written - 1;
            if (starter >= 0 && (adjacent || (lastClass < own && lastClass != 0)) && TryCompose(characters[starter], character, out int composite))
            {
                characters[starter] = composite;
                continue;
            }
            if (own == 0)
                starter = written;
            lastClass = own;
            characters[written++] = character;
        }
        characters.RemoveRange(written, characters.Count - written);
    }

    private static bool TryCompose(int first, int second, out int composite)
    {
        int lead = first - LeadFirst, vowel = second - VowelFirst;
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            composite = HangulFirst + (lead * Vowels + vowel) * Trails;
            return true;
        }
        int syllable = first - HangulFirst, trail = second - TrailBefore;
        if (syllable is >= 0 and < Leads * Vowels * Trails && syllable % Trails == 0 && trail is > 0 and < Trails)
        {
            composite = first + trail;
            return true;
        }
        return Compositions.TryGetValue((first, second), out composite);
    }
}
