using System.Text.Json;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Golden;

namespace Transformer.Core.Tests.Tool;

public class CompleteCommandTests
{
    [DataFact]
    public async Task Json_is_llama_cpp_s_completion()
    {
        foreach (JsonElement row in Goldens.Lines("golden", "completions", "llama.cpp-f32.jsonl"))
        {
            int[] expected = row.Ints("gen_ids");
            JsonElement json = await ToolProcess.JsonAsync(
                "complete", "--model", TestData.Path("models", "stories260K.gguf"), "--prompt", row.Text("prompt"), "--max-tokens", $"{expected.Length}", "--temperature", "0");
            json.EnumerateObject().Select(property => property.Name).Should().Equal("prompt_tokens", "tokens", "text", "finish_reason");
            json.Ints("prompt_tokens").Should().Equal(row.Ints("prompt_ids"));
            json.Ints("tokens").Should().Equal(expected);
            json.Text("text").Should().Be(row.Text("text"));
            json.Text("finish_reason").Should().Be(row.Text("stop") == "bos" ? "stop" : "length");
        }
    }

    [Fact]
    public async Task Without_a_model_primer_completes_as_in_PyTorch()
    {
        JsonElement row = Primer.Reference.GetProperty("greedy")[0];
        JsonElement json = await ToolProcess.JsonAsync("complete", "--prompt", row.Text("prompt"), "--max-tokens", "40");
        json.Ints("prompt_tokens").Should().Equal(row.Ints("ids"));
        json.Ints("tokens").Should().Equal([.. row.Ints("new_ids"), 0], "the end token is one of the tokens");
        json.Text("text").Should().Be(row.Text("text")).And.StartWith("国");
        json.Text("finish_reason").Should().Be("stop");
    }

    [Fact]
    public async Task One_processor_gives_the_same()
    {
        string[] arguments = ["complete", "--prompt", "I love", "--max-tokens", "8", "--json"];
        ToolProcess alone = await ToolProcess.RunOnAsync(1, arguments);
        alone.Errors.Should().BeEmpty();
        alone.Output.Should().Be((await ToolProcess.RunOnAsync(2, arguments)).Output).And.Contain("tokens");
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_and_is_no_part_of_it()
    {
        JsonElement json = await ToolProcess.JsonAsync("complete", "--prompt", "I love", "--stop", " my school", "--stop", "nothing");
        json.Text("text").Should().Be(" my mother. I love");
        json.Text("finish_reason").Should().Be("stop");
    }

    [Fact]
    public async Task Ignoring_the_end_goes_on_to_the_last_token()
    {
        JsonElement json = await ToolProcess.JsonAsync("complete", "--prompt", "我爱中华人民共和", "--ignore-eos", "--max-tokens", "12", "--no-bos");
        json.Ints("prompt_tokens")[0].Should().NotBe(0);
        json.Ints("tokens").Should().HaveCount(12);
        json.Text("finish_reason").Should().Be("length");
    }

    [Fact]
    public async Task A_seed_makes_random_choices_repeatable()
    {
        string[] arguments = ["complete", "--prompt", "从前，", "--temperature", "1", "--top-k", "50", "--top-p", "0.95", "--min-p", "0.01", "--repetition-penalty", "1.1", "--seed", "7", "--max-tokens", "20"];
        JsonElement first = await ToolProcess.JsonAsync([.. arguments, "--threads", "1"]);
        JsonElement second = await ToolProcess.JsonAsync([.. arguments, "--threads", "2"]);
        second.GetRawText().Should().Be(first.GetRawText());
    }

    [Fact]
    public async Task Text_goes_to_standard_output_and_the_speed_to_standard_error()
    {
        ToolProcess run = await ToolProcess.RunAsync("complete", "--prompt", "我爱中华人民共和");
        run.Output.Should().Be("国。\n");
        run.Errors.Should().Contain("tokens/s");
    }
}
