using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;

namespace Transformer.Core.Tests.Tool;

public class TokenizeCommandTests
{
    [DataFact]
    public async Task A_file_with_a_vocabulary_only_is_enough()
    {
        string file = TestData.Path("golden", "vocab", "ggml-vocab-gpt-2.gguf");
        JsonElement json = await ToolProcess.JsonAsync("tokenize", "--model", file, "--text", "Hello 世界<|endoftext|>", "--parse-special");
        json.EnumerateObject().Select(property => property.Name).Should().Equal("tokens", "pieces", "text");
        json.Ints("tokens")[0].Should().Be(15496);
        json.Ints("tokens")[^1].Should().Be(50256);
        json.GetProperty("pieces").EnumerateArray().Select(piece => piece.GetString()).Should().StartWith("Hello").And.EndWith("<|endoftext|>");
        json.Text("text").Should().Be("Hello 世界");
    }

    [Fact]
    public async Task Pieces_are_readable_and_the_beginning_can_be_left_out()
    {
        ToolProcess run = await ToolProcess.RunAsync("tokenize", "--text", "我爱中国", "--json");
        run.Output.Should().StartWith("{\"tokens\":[0,").And.Contain("\"pieces\":[\"<|endoftext|>\",\"我\",\"爱\",\"中\",\"国\"],\"text\":\"我爱中国\"}");
        JsonElement without = await ToolProcess.JsonAsync("tokenize", "--text", "我爱中国", "--no-bos");
        without.Ints("tokens").Should().HaveCount(4);
    }
}
