using System.Text.Json;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;
using Transformer.Core.Tests.Weights;
using Transformer.Core.Weights;
using Transformer.Core.Weights.Gguf;

namespace Transformer.Core.Tests.Tool;

public class InspectCommandTests
{
    [Fact]
    public async Task Primer_is_described_in_full()
    {
        JsonElement json = await ToolProcess.JsonAsync("inspect");
        json.Text("architecture").Should().Be("article");
        json.GetProperty("supported").GetBoolean().Should().BeTrue();
        json.GetProperty("metadata").GetProperty("article.attention.layer_norm_epsilon").GetRawText().Should().Be("1E-05", "a 32-bit number is written as one");
        json.GetProperty("metadata").GetProperty("tokenizer.ggml.tokens").GetArrayLength().Should().Be(2048);
        json.GetProperty("parameters").GetInt64().Should().Be(Primer.Reference.GetProperty("training").GetProperty("parameters").GetInt64());
        JsonElement tensor = json.GetProperty("tensors").EnumerateArray().Single(entry => entry.Text("name") == "blk.0.ffn_up.weight");
        tensor.Ints("shape").Should().Equal(512, 128);
        tensor.Text("type").Should().Be("F16");
        tensor.GetProperty("bytes").GetInt64().Should().Be(512 * 128 * 2);
        json.GetProperty("memory").GetProperty("kv_cache_bytes").GetInt64().Should().BePositive();
    }

    [Fact]
    public async Task An_unknown_architecture_is_described_too()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("martian.gguf");
        new GgufWriter().Set("general.architecture", "martian").Set("martian.eyes", 3)
            .Add("tentacle.weight", new TensorShape(2, 3), WeightFormat.Float32, new float[6]).Save(file);
        JsonElement json = await ToolProcess.JsonAsync("inspect", "--model", file);
        json.GetProperty("supported").GetBoolean().Should().BeFalse();
        json.Text("problem").Should().Contain("unknown architecture 'martian'");
        json.GetProperty("metadata").GetProperty("martian.eyes").GetInt32().Should().Be(3);
        json.GetProperty("tensors")[0].Ints("shape").Should().Equal(2, 3);
        json.GetProperty("parameters").GetInt32().Should().Be(6);
        json.GetProperty("memory").GetProperty("weight_bytes").GetInt32().Should().Be(24);
    }

    [DataTheory]
    [InlineData("models/stories260K-q5_1.gguf", "Q5_1")]
    [InlineData("models/stories260K-hf-sharded", "F32")]
    public async Task Every_tensor_type_and_format_is_listed(string path, string type)
    {
        JsonElement json = await ToolProcess.JsonAsync("inspect", "--model", TestData.Path(path.Split('/')));
        json.GetProperty("tensors").EnumerateArray().Select(tensor => tensor.Text("type")).Should().Contain(type);
    }

    [DataFact]
    public async Task A_file_with_a_vocabulary_only_is_described()
    {
        JsonElement json = await ToolProcess.JsonAsync("inspect", "--model", TestData.Path("golden", "vocab", "ggml-vocab-gpt-2.gguf"));
        json.GetProperty("tensors").GetArrayLength().Should().Be(0);
        json.Text("problem").Should().Contain("vocabulary only");
    }

    [Fact]
    public async Task People_get_tables()
    {
        ToolProcess run = await ToolProcess.RunAsync("inspect");
        run.ExitCode.Should().Be(0);
        run.Output.Should().Contain("token_embd.weight\t[2048, 128]\tF16\t524,288").And.Contain("article.block_count\t6");
    }
}
