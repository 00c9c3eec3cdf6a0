using Transformer.Core.Sampling;

namespace Transformer.Core.Tests.Sampling;

public class StopStringsTests
{
    public static TheoryData<string, string[], string, string?> Cases => new()
    {
        { "hello END more", ["END"], "hello ", "END" },
        { "ENENEND", ["END"], "ENEN", "END" },
        { "aaab", ["aab"], "a", "aab" },
        { "no stop at all", ["END", "x"], "no stop at all", null },
        { "ends with EN", ["END"], "ends with EN", null },
        { "one\n\ntwo", ["\n\n", "two"], "one", "\n\n" },
        { "xabcdx", ["abcd", "bc"], "xa", "bc" }, // bc is complete first
        { "abc", ["ab", "abc"], "", "ab" },
        { "abc", ["c", "abc", "bc"], "", "abc" }, // complete at once: the longest
        { "STOP", ["STOP"], "", "STOP" },
        { "我爱中华", ["中华"], "我爱", "中华" },
        { "nothing", [], "nothing", null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_text_does_not_depend_on_how_it_is_cut(string text, string[] stops, string expected, string? matched)
    {
        // Bit i of a number says whether there is a cut behind character i: all ways there are.
        for (int cuts = 0; cuts < 1 << (text.Length - 1); cuts++)
        {
            StopStrings watch = new(stops);
            string given = "";
            int start = 0;
            for (int i = 0; i < text.Length; i++)
            {
                if (i < text.Length - 1 && (cuts & (1 << i)) == 0)
                    continue;
                given += watch.Append(text[start..(i + 1)]);
                start = i + 1;
                if (!expected.StartsWith(given, StringComparison.Ordinal))
                    Assert.Fail($"'{given}' was given out, '{expected}' comes before the stop string (cuts {cuts:b}).");
            }
            if (watch.Matched is null)
                given += watch.Flush();
            (given, watch.Matched).Should().Be((expected, matched), "cuts {0:b}", cuts);
        }
    }

    [Fact]
    public void Only_what_may_begin_a_stop_string_is_held_back()
    {
        StopStrings watch = new(["<end>"]);
        watch.Append("a<e").Should().Be("a");
        watch.Append("x<").Should().Be("<ex");
        watch.Flush().Should().Be("<");
        watch.Flush().Should().BeEmpty();
    }

    [Fact]
    public void Nothing_comes_after_a_stop_string()
    {
        StopStrings watch = new(["."]);
        watch.Append("one. two").Should().Be("one");
        watch.Append("three").Should().BeEmpty();
        watch.Flush().Should().BeEmpty();
    }

    [Fact]
    public void Empty_stop_strings_are_refused() => ((Action)(() => _ = new StopStrings(["a", ""]))).Should().Throw<ArgumentException>();
}
