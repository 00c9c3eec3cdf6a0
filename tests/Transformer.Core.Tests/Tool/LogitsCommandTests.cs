using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;

namespace Transformer.Core.Tests.Tool;

public class LogitsCommandTests
{
    [Fact]
    public async Task The_last_row_is_PyTorch_s()
    {
        JsonElement row = Primer.Reference.GetProperty("logits")[0];
        float[] logits = Rows(await ToolProcess.JsonAsync("logits", "--tokens", string.Join(',', row.Ints("ids")))).Should().ContainSingle().Subject;
        float[] expected = row.Floats("logits");
        logits.Should().HaveSameCount(expected);
        logits.Zip(expected, (x, y) => Math.Abs(x - y)).Max().Should().BeLessThan(1e-3f);
    }

    [Fact]
    public async Task All_rows_are_bit_for_bit_what_the_library_computes()
    {
        int[] ids = [0, 273, 355, 339];
        float[][] rows = Rows(await ToolProcess.JsonAsync("logits", "--tokens", string.Join(", ", ids), "--all"));
        TransformerModel model = TransformerBuilder.FromGguf(Primer.File).Build();
        float[] expected = new float[ids.Length * model.VocabSize];
        using DecoderSession session = model.CreateSession();
        session.ForwardAll(ids, new Core.Numerics.MatrixSpan(expected, ids.Length, model.VocabSize));
        rows.SelectMany(row => row).Should().Equal(expected, "numbers are written in full precision");
    }

    private static float[][] Rows(JsonElement json) =>
        [.. json.GetProperty("logits").EnumerateArray().Select(row => row.EnumerateArray().Select(value => value.GetSingle()).ToArray())];
}
