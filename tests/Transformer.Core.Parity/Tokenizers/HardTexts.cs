using System.Text;

namespace Transformer.Core.Parity.Tokenizers;

/// <summary>Texts on which tokenizers go wrong, and reproducible random ones.</summary>
internal static class HardTexts
{
    /// <summary>Texts that are hard on purpose; all well formed, for not every reference takes others.</summary>
    public static IReadOnlyList<string> Chosen { get; } =
    [
        "", " ", "  ", "\n", "\r\n", "\t", " \n \n\n  \t\t x  \r\n\r\n y ", "a", " a", "a ", "\u00A0a\u00A0\u3000\u2003b\u200B\u2028c\u0085d\u180E\u202F",
        "我爱中华人民共和国。龘靐齉爩麤灪 𠀀𠮷𪚥", "春眠不覺曉，處處聞啼鳥。", "東京でラーメンを食べました。ｶﾀｶﾅ ひらがな", "한국어 텍스트 각 가\u11A8", "สวัสดีครับ ภาษาไทย",
        "السلام عليكم ورحمة الله \u0644\u064E\u0627 \uFEFB ١٢٣٤٥", "שָׁלוֹם עולם", "हिन्दी में लिखा है क्षत्रिय", "বাংলা ভাষা",
        "👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 🇩🇪🇯🇵 ❤️‍🔥 🙂🙃 1️⃣", "🚀🚀🚀 x🚀y", "e\u0301 u\u0308 a\u0323\u0302 Z\u0351\u036B\u0343\u036A\u0302 \u0301x", "café cafe\u0301 ﬁ ﬀ ½ ² ① Ⅷ ㎏",
        "0 1 12 123 1234 12345 1234567890123456789012345678901234567890", "3.14159e-10 1,000,000 0x1F٣٤٥ 𝟘𝟙𝟚𝟛", "12345678901234567890a1b22c333d4444",
        "I'm you're we've they'll he'd it's don't O'REILLY'S IT'LL 'tis 'S'T'RE'VE'M'LL'D x'ſ K'K", "\u2019s \u2019t it\u2019s",
        "for (int i = 0; i < n; ++i)\n{\n\tsum += a[i] * b[i]; // 注释\n    if (x != y) { return -1; }\n}\n", "def f(x):\n    return {'a': [1, 2], \"b\": x ** 2}\n\n\n# ---\n",
        "<html><body class=\"x\">&nbsp;</body></html> $\\frac{a}{b}$ C:\\Users\\x /usr/bin/env ~!@#$%^&*()_+`-={}|[]\\:\";'<>?,./",
        "========================================  ---------- ........ !!!!!??", "CamelCaseText snake_case_text SCREAMING_CASE mixedCASEWords ÀÉÎõü ǅ ʰ ß ẞ İı",
        "ΑΒΓ αβγ ΩΜΕΓΑ Привет МИР мир Ѐ ԱԲ աբ ᲐᲑ აბ Ꭰ Ꮿ ꭰ 𐐀𐐨 𐒰𐓘 𞤀𞤢 𝒳𝓎 𒀀", "\u0000\u0001\u001C\u001F\u007F\uFFFD\uFEFF\uE000\uFFFF", "\U0010FFFD\U000E0061\U0001D165",
        "▁ ▁▁a ▁ b", "<s> </s> <unk> <pad> <bos> <0x0A> [INST] <|x|> <｜y｜> <|im_start|x", "a\u00ADb \u200Dc\u200Cd \u2060", "«quoted» “text” ‘here’ 「日本」 ¿qué? ¡sí! ‽ …", "Ǆ\u0300\u0488 a\u20DD \u0903\u093E",
        new string(' ', 300) + "x", new string('\n', 70) + "y" + new string('\t', 40), "x" + string.Concat(Enumerable.Repeat("\r\n", 30)), string.Concat(Enumerable.Repeat("ab", 500)), string.Concat(Enumerable.Repeat("哈", 400)),
    ];

    private static readonly string[] Samples =
    [
        "abcdefghijklmnopqrstuvwxyz", "ABCXYZ", "0123456789", "      \t\n\r\u00A0\u3000", ".,;:!?'\"()[]{}<>/\\|-_=+*&^%$#@~`", "'s'll'RE't", "the and ing tion",
        "äöüßéèñçøåÀÉ", "αβγδΩЖдйщ", "中文字漢爱我人民共和", "かなカナ", "한국어", "ไทยกา", "עבריתعربي", "हिन्दी", "½²③Ⅷ٣", "€£¥©®™", "\u0301\u0308\u0323\u200D\uFE0F\u20E3",
    ];

    private static readonly int[] Astral =
    [
        0x1F642, 0x1F680, 0x1F1E8, 0x1F3FD, 0x1D400, 0x1D7CE, 0x10400, 0x10428, 0x20000, 0x2A6D6, 0x12000, 0x1F468, 0xE0061, 0x10FFFD, 0x16F51, 0x1D165,
    ];

    /// <summary>Random texts of all scripts.</summary>
    public static IEnumerable<string> Random(int count, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            int runs = random.Next(1, 14);
            for (int run = 0; run < runs; run++)
            {
                int kind = random.Next(8);
                string sample = Samples[random.Next(Samples.Length)];
                int length = random.Next(1, 7);
                for (int c = 0; c < length; c++)
                {
                    text.Append(kind switch
                    {
                        0 => char.ConvertFromUtf32(Astral[random.Next(Astral.Length)]),
                        1 => AnyRune(random).ToString(),
                        _ => sample[random.Next(sample.Length)].ToString(),
                    });
                }
                if (random.Next(3) == 0)
                    text.Append(' ', random.Next(1, 4));
            }
            yield return text.ToString();
        }
    }

    /// <summary>Random texts with the names of special tokens in them, some broken.</summary>
    public static IEnumerable<string> WithSpecialTokens(ITokenizer tokenizer, int count, int seed)
    {
        string[] names = [.. Enumerable.Range(0, tokenizer.VocabSize).Where(id => tokenizer.TokenBytes(id).IsEmpty)
            .Select(tokenizer.TokenText).Where(name => name.StartsWith('<') && name != "<unused>").Take(500)];
        names.Should().NotBeEmpty();
        var random = new Random(seed);
        foreach (string text in Random(count, seed))
        {
            string name = names[random.Next(names.Length)];
            int at = random.Next(text.Length + 1);
            if (at < text.Length && char.IsLowSurrogate(text[at]))
                at++;
            yield return text[..at] + name + (random.Next(2) == 0 ? name : name[..^1]) + text[at..] + (random.Next(2) == 0 ? " " + name : "");
        }
    }

    /// <summary>The lines of all corpora, in pieces of about 2,000 characters.</summary>
    public static IEnumerable<string> Corpora()
    {
        foreach (string file in new[] { "tinystories_sample.txt", "wiki.test.raw", "tang300.zh.txt" })
        {
            var piece = new StringBuilder();
            foreach (string line in File.ReadLines(VocabularyData.PathOf("corpora", file)))
            {
                piece.Append(line).Append('\n');
                if (piece.Length < 2000)
                    continue;
                yield return piece.ToString();
                piece.Clear();
            }
            yield return piece.ToString();
        }
    }

    // Below U+3100: every script whose letters are cased or have marks. Not those young characters whose properties
    // differ between the versions of Unicode that the engines carry.
    private static Rune AnyRune(Random random)
    {
        while (true)
        {
            int value = random.Next(0x20, 0x3100);
            if (value is not ((>= 0x1C80 and <= 0x1C8F) or (>= 0x1DF5 and <= 0x1DFF)))
                return new Rune(value);
        }
    }
}
