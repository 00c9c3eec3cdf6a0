using System.Text.Json;
using Transformer.Core.Experiments;
using Transformer.Core.Positions;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Tool;

/// <summary><c>lens</c>, <c>attention</c>, <c>ablate</c> and <c>compare</c> print what the library computes.</summary>
public class InsideCommandTests
{
    private const string Prompt = "我爱中华人民共和";

    private static readonly TransformerModel Model = TransformerBuilder.FromGguf(Primer.File).Build();

    private static readonly int[] Ids = Model.Tokenizer!.Encode(Prompt, Model.Tokenizer.AddsBos);

    [Fact]
    public async Task Lens()
    {
        JsonElement json = await ToolProcess.JsonAsync("lens", "--prompt", Prompt, "--top", "3");
        json.Ints("tokens").Should().Equal(Ids);
        JsonElement[] layers = [.. json.GetProperty("layers").EnumerateArray()];
        layers.Should().HaveCount(1 + Model.Layers.Count);
        JsonElement[] top = [.. layers[^1].GetProperty("places").EnumerateArray().Single().GetProperty("top").EnumerateArray()];
        using DecoderSession session = Model.CreateSession();
        float[] logits = session.Forward(Ids).ToArray();
        top.Should().HaveCount(3);
        logits[top[0].GetProperty("token").GetInt32()].Should().Be(logits.Max());
        top[0].GetProperty("piece").GetString().Should().Be("国");
    }

    [Fact]
    public async Task Lens_after_every_token() =>
        (await ToolProcess.JsonAsync("lens", "--prompt", Prompt, "--all")).GetProperty("layers")[0].GetProperty("places").GetArrayLength().Should().Be(Ids.Length);

    [Fact]
    public async Task Attention()
    {
        JsonElement json = await ToolProcess.JsonAsync("attention", "--prompt", Prompt, "--layer", "1", "--head", "0");
        JsonElement head = json.GetProperty("heads").EnumerateArray().Single();
        AttentionMaps maps = AttentionMaps.Of(Model, Ids);
        int row = 0;
        foreach (JsonElement weights in head.GetProperty("pattern").EnumerateArray())
            weights.Floats().Should().Equal(maps.Pattern(1, 0)[row][..++row].ToArray());
        row.Should().Be(Ids.Length);
    }

    [Fact]
    public async Task Ablate()
    {
        JsonElement json = await ToolProcess.JsonAsync("ablate", "--prompt", Prompt, "--layers");
        Ablation expected = Ablation.OfLayers(Model, Ids);
        json.GetProperty("loss").GetDouble().Should().BeApproximately(expected.Loss, 1e-6);
        json.GetProperty("scores").EnumerateArray().Select(score => score.GetProperty("loss_increase").GetDouble())
            .Zip(expected.Scores).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second.LossIncrease) < 1e-6);
    }

    [Fact]
    public async Task Compare()
    {
        JsonElement json = await ToolProcess.JsonAsync("compare", "--prompt", Prompt, "--positions", "alibi");
        ModelComparison expected = ModelComparison.Of(Model, TransformerBuilder.FromGguf(Primer.File).WithPositions(c => new AlibiPositions(c.Heads)).Build(), Ids);
        json.GetProperty("changed_loss").GetDouble().Should().BeApproximately(expected.ChangedLoss, 1e-6);
        json.GetProperty("divergence").GetDouble().Should().BeApproximately(expected.Divergence, 1e-6);
        json.GetProperty("changes").EnumerateArray().Select(change => change.GetString()).Should().Equal("model.embed_positions: SinusoidalPositions -> AlibiPositions");
    }

    [Theory]
    [InlineData(1, "--layer: expected 0 to", "attention", "--prompt", "a", "--layer", "99")]
    [InlineData(1, "There is no head 77", "attention", "--prompt", "a", "--head", "77")]
    [InlineData(1, "at least 2 tokens", "ablate", "--prompt", "", "--no-bos")]
    [InlineData(1, "WithLayerOrder: expected a layer", "compare", "--prompt", "我爱中国", "--layers", "0,99")]
    [InlineData(1, "--layers: expected integers", "compare", "--prompt", "我爱中国", "--layers", "0,x")]
    [InlineData(2, "magnetic", "compare", "--prompt", "我爱中国", "--positions", "magnetic")]
    [InlineData(2, "--prompt", "lens")]
    public async Task Wrong_use_gives_a_line(int exitCode, string message, params string[] arguments)
    {
        ToolProcess run = await ToolProcess.RunAsync(arguments);
        run.ExitCode.Should().Be(exitCode);
        run.Errors.Should().Contain(message);
        run.Errors.TrimEnd().Should().NotContain("\n");
    }
}
