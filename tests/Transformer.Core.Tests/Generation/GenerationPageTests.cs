using System.Numerics.Tensors;
using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

/// <summary>docs/generation.md shows code that is compiled and runs: that of this file.</summary>
public partial class GenerationPageTests
{
    [Fact]
    public async Task What_the_page_shows_runs()
    {
        TransformerModel model = TinyModels.Builder("llama").WithTokenizer(new LetterTokenizer()).Build();

        TextGenerator generator = new(model);
        GenerationResult result = generator.Complete("Once upon a time", new GenerationOptions { MaxTokens = 50, Temperature = 0.8, TopP = 0.95 });
        await foreach (GenerationUpdate update in generator.StreamAsync("Once upon a time"))
            Console.Write(update.Text);

        GenerationOptions mine = generator.DefaultOptions with { MaxTokens = 30, Seed = 7 };

        using DecoderSession session = model.CreateSession();
        int[] first = model.Tokenizer!.Encode("Once upon a time");
        GenerationResult one = generator.Complete(first, mine, session);
        int[] second = [.. first, .. one.TokenIds, .. model.Tokenizer.Encode(" The end.", addBos: false)];
        GenerationResult two = generator.Complete(second, mine, session);
        Console.WriteLine($"{two.CachedPromptTokens} of {two.PromptTokenIds.Count} tokens were there");

        using SessionPool pool = new(model, maxSessions: 8, maxBytes: 1L << 30);
        DecoderSession rented = pool.Rent(second);
        try
        {
            two = generator.Complete(second, mine, rented);
        }
        finally
        {
            pool.Return(rented);
        }

        IReadOnlyList<GenerationResult> samples = generator.CompleteMany("Once upon a time", 3, new GenerationOptions { Temperature = 1, Seed = 1, MaxTokens = 20 });
        IReadOnlyList<BeamHypothesis> beams = generator.BeamSearch("Once upon a time", new BeamSearchOptions { Beams = 4, MaxTokens = 20 });

        IReadOnlyList<TokenLogprobs> scores = generator.Score("Once upon a time there was", topLogprobs: 3);
        double loss = -scores.Average(token => token.Logprob);

        TextEmbedder embedder = new(model, pooling: EmbeddingPooling.Mean);
        float[] cat = embedder.Embed("a cat"), dog = embedder.Embed("a dog");
        float cosine = TensorPrimitives.Dot(cat, dog);

        result.TokenIds.Should().NotBeEmpty();
        (samples.Count, beams.Count, pool.IdleCount).Should().Be((3, 1, 1));
        loss.Should().BePositive();
        cosine.Should().BeInRange(-1, 1);
    }

    [Fact]
    public void Every_snippet_is_of_this_file()
    {
        string source = Plain(File.ReadAllText(Repository.Path("tests", "Transformer.Core.Tests", "Generation", "GenerationPageTests.cs")));
        string[] snippets = [.. Snippet().Matches(File.ReadAllText(Repository.Path("docs", "generation.md")).ReplaceLineEndings("\n")).Select(match => Plain(match.Groups[1].Value))];
        snippets.Should().HaveCountGreaterThan(5);
        foreach (string snippet in snippets)
            source.Should().Contain(snippet);
    }

    [Fact]
    public void Every_option_is_on_the_page()
    {
        string page = File.ReadAllText(Repository.Path("docs", "generation.md"));
        foreach (System.Reflection.PropertyInfo option in typeof(GenerationOptions).GetProperties())
            if (option.Name is not ("AddBos" or "ParseSpecialTokens"))
                page.Should().Contain(option.Name);
    }

    /// <summary>Without indents.</summary>
    private static string Plain(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(line => line.Trim())).Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
