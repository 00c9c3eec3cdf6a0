using System.Text;

namespace Transformer.Core.Tests.Tokenization;

/// <summary>Reproducible texts of many scripts.</summary>
internal static class RandomText
{
    private static readonly string[] Samples =
    [
        "abcdefghijklmnopqrstuvwxyz", "ABCXYZ", "0123456789", "    \t\n\r\u00A0\u3000", ".,;:!?'\"()[]{}<>/\\|-_=+*&^%$#@~`", "'s'll'RE",
        "äöüßéèñçøåÀÉ", "αβγδΩЖдйщ", "中文字漢爱我人民共和", "かなカナ", "한국어", "ไทยกา", "עבריתعربي", "हिन्दी", "½²③Ⅷ٣", "€£¥©®™",
    ];

    private static readonly int[] Astral = [0x1F642, 0x1F680, 0x1F1E8, 0x1D400, 0x1D7CE, 0x10400, 0x10428, 0x20000, 0x2A6D6, 0x12000, 0x1F468, 0xE0061, 0x10FFFD, 0x16F51, 0x1D165];

    public static IEnumerable<string> Many(int count, int seed, bool allPlanes)
    {
        var random = new Random(seed);
        for (int i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            int runs = random.Next(1, 14);
            for (int run = 0; run < runs; run++)
            {
                bool astral = allPlanes && random.Next(4) == 0;
                string sample = Samples[random.Next(Samples.Length)];
                int length = random.Next(1, 7);
                for (int c = 0; c < length; c++)
                    text.Append(astral ? char.ConvertFromUtf32(Astral[random.Next(Astral.Length)]) : sample[random.Next(sample.Length)].ToString());
                if (random.Next(3) == 0)
                    text.Append(' ');
            }
            yield return text.ToString();
        }
    }
}
