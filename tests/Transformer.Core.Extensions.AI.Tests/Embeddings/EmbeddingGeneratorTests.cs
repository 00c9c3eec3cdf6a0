using Microsoft.Extensions.AI;
using Transformer.Core.Extensions.AI.Tests.Support;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests.Embeddings;

public class EmbeddingGeneratorTests
{
    [Fact]
    public async Task Vectors_are_the_embedders()
    {
        TransformerModel model = TransformerBuilder.FromGguf(Repository.Path("samples", "primer", "primer.gguf")).Build();
        using TransformerEmbeddingGenerator generator = new(model, EmbeddingPooling.Last, "m");
        string[] texts = ["The cat sat.", "A dog ran.", "The cat sat."];

        GeneratedEmbeddings<Embedding<float>> found = await generator.GenerateAsync(texts);

        TextEmbedder embedder = new(model, pooling: EmbeddingPooling.Last);
        found.Select(embedding => embedding.Vector.ToArray()).Should().BeEquivalentTo(texts.Select(text => embedder.Embed(text)), options => options.WithStrictOrdering());
        found[0].Vector.ToArray().Sum(value => (double)value * value).Should().BeApproximately(1, 1e-5);
        found.Should().OnlyContain(embedding => embedding.ModelId == "m" && embedding.Dimensions == model.HiddenSize);
        found.Usage!.InputTokenCount.Should().Be(texts.Sum(text => model.Tokenizer!.Encode(text).Length));
    }

    [Fact]
    public async Task What_cannot_be_honoured_is_refused_by_name()
    {
        using TransformerEmbeddingGenerator generator = new(new ScriptedModel().Model);

        (await generator.GenerateAsync([], new EmbeddingGenerationOptions { Dimensions = 8, ModelId = "tiny" })).Should().BeEmpty();
        await Refused(new EmbeddingGenerationOptions { Dimensions = 4 }, "Dimensions*");
        await Refused(new EmbeddingGenerationOptions { ModelId = "other" }, "ModelId*");
        await Refused(new EmbeddingGenerationOptions { AdditionalProperties = new() { ["x"] = 1 } }, "AdditionalProperties*'x'*");
        await Refused(new EmbeddingGenerationOptions { RawRepresentationFactory = _ => 1 }, "RawRepresentationFactory*");
        await generator.Awaiting(g => g.GenerateAsync([null!])).Should().ThrowAsync<ArgumentException>();
        await generator.Awaiting(g => g.GenerateAsync([new string('x', 5000)])).Should().ThrowAsync<ContextLengthExceededException>();

        async Task Refused(EmbeddingGenerationOptions options, string message) =>
            (await generator.Awaiting(g => g.GenerateAsync(["x"], options)).Should().ThrowAsync<NotSupportedException>()).WithMessage(message);
    }

    [Fact]
    public async Task A_cancelled_call_ends()
    {
        using TransformerEmbeddingGenerator generator = new(new ScriptedModel().Model);
        await generator.Awaiting(g => g.GenerateAsync(["x"], cancellationToken: new CancellationToken(true))).Should().ThrowAsync<OperationCanceledException>();
    }
}
