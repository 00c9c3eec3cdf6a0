using System.Net;
using System.Text;
using System.Text.Json;
using Transformer.Core.WebCompletion.Tests.Support;

namespace Transformer.Core.WebCompletion.Tests;

/// <summary>Every wrong input has OpenAI's error JSON and its status, never a 500.</summary>
public class ErrorTests(WebApp app) : IClassFixture<WebApp>
{
    private const string Long = "LONG";

    [Theory]
    [InlineData("", 400, null, "invalid_json")]
    [InlineData("{", 400, null, "invalid_json")]
    [InlineData("[]", 400, null, "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","temperature":NaN}""", 400, null, "invalid_json")]
    [InlineData("""{"model":"primer","model":"primer","prompt":"a"}""", 400, null, "invalid_json")]
    [InlineData("""{"model":"primer","prompt":"\ud800"}""", 400, null, "invalid_json")]
    [InlineData("""{"prompt":"a"}""", 400, "model", "missing_required_parameter")]
    [InlineData("""{"model":7,"prompt":"a"}""", 400, "model", "invalid_type")]
    [InlineData("""{"model":"gpt-4","prompt":"a"}""", 404, "model", "model_not_found")]
    [InlineData("""{"model":"primer"}""", 400, "prompt", "missing_required_parameter")]
    [InlineData("""{"model":"primer","prompt":7}""", 400, "prompt", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":[]}""", 400, "prompt", "empty_array")]
    [InlineData("""{"model":"primer","prompt":[[]]}""", 400, "prompt[0]", "empty_string")]
    [InlineData("""{"model":"primer","prompt":[1,99999]}""", 400, "prompt[1]", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":[1,"a"]}""", 400, "prompt[1]", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":["a",null]}""", 400, "prompt[1]", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"LONG"}""", 400, "prompt", "context_length_exceeded")]
    [InlineData("""{"model":"primer","prompt":"a","temperature":"NaN"}""", 400, "temperature", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","temperature":2.1}""", 400, "temperature", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","temperature":1e999}""", 400, "temperature", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","temperature":-1}""", 400, "temperature", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","top_p":2}""", 400, "top_p", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","max_tokens":0}""", 400, "max_tokens", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","max_tokens":1.5}""", 400, "max_tokens", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","max_tokens":1e30}""", 400, "max_tokens", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","n":0}""", 400, "n", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","n":1000}""", 400, "n", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","seed":"x"}""", 400, "seed", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","frequency_penalty":3}""", 400, "frequency_penalty", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","presence_penalty":-3}""", 400, "presence_penalty", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","logprobs":21}""", 400, "logprobs", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","logprobs":true}""", 400, "logprobs", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","logit_bias":{"99999":1}}""", 400, "logit_bias", "invalid_value")]
    [InlineData("""{"model":"primer","prompt":"a","logit_bias":{"a":1}}""", 400, "logit_bias", "invalid_value")]
    [InlineData("""{"model":"primer","prompt":"a","logit_bias":{"1":101}}""", 400, "logit_bias.1", "out_of_range")]
    [InlineData("""{"model":"primer","prompt":"a","logit_bias":[]}""", 400, "logit_bias", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","stop":""}""", 400, "stop", "empty_string")]
    [InlineData("""{"model":"primer","prompt":"a","stop":["a","b","c","d","e"]}""", 400, "stop", "array_above_max_length")]
    [InlineData("""{"model":"primer","prompt":"a","stop":[1]}""", 400, "stop[0]", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","stream":"yes"}""", 400, "stream", "invalid_type")]
    [InlineData("""{"model":"primer","prompt":"a","stream_options":{"include_usage":true}}""", 400, "stream_options", "invalid_value")]
    [InlineData("""{"model":"primer","prompt":"a","stream":true,"stream_options":{"other":1}}""", 400, "stream_options.other", "unknown_parameter")]
    [InlineData("""{"model":"primer","prompt":"a","best_of":3}""", 400, "best_of", "unsupported_parameter")]
    [InlineData("""{"model":"primer","prompt":"a","echo":true}""", 400, "echo", "unsupported_parameter")]
    [InlineData("""{"model":"primer","prompt":"a","suffix":"b"}""", 400, "suffix", "unsupported_parameter")]
    [InlineData("""{"model":"primer","prompt":"a","temprature":1}""", 400, "temprature", "unknown_parameter")]
    public Task Completions(string body, int status, string? param, string code) => Refused("v1/completions", body, status, param, code);

    [Theory]
    [InlineData("""{"model":"primer"}""", 400, "messages", "missing_required_parameter")]
    [InlineData("""{"model":"primer","messages":[]}""", 400, "messages", "empty_array")]
    [InlineData("""{"model":"primer","messages":"hi"}""", 400, "messages", "invalid_type")]
    [InlineData("""{"model":"primer","messages":["hi"]}""", 400, "messages[0]", "invalid_type")]
    [InlineData("""{"model":"primer","messages":[{"content":"hi"}]}""", 400, "messages[0].role", "missing_required_parameter")]
    [InlineData("""{"model":"primer","messages":[{"role":"robot","content":"hi"}]}""", 400, "messages[0].role", "invalid_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user"}]}""", 400, "messages[0].content", "missing_required_parameter")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":7}]}""", 400, "messages[0].content", "invalid_type")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}""", 400, "messages[0].content[0].type", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"tool","content":"x"}]}""", 400, "messages[0].tool_call_id", "missing_required_parameter")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x","name":"a"}]}""", 400, "messages[0].name", "unsupported_parameter")]
    [InlineData("""{"model":"primer","messages":[{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"["}}]}]}""", 400, "messages[0].tool_calls[0].function.arguments", "invalid_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"LONG"}]}""", 400, "messages", "context_length_exceeded")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", 400, "top_logprobs", "invalid_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"logprobs":true,"top_logprobs":21}""", 400, "top_logprobs", "out_of_range")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"max_completion_tokens":0}""", 400, "max_completion_tokens", "out_of_range")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", 400, "response_format", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}]}""", 400, "tools", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"tools":[{"type":"custom"}]}""", 400, "tools[0].type", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a b"}}]}""", 400, "tools[0].function.name", "invalid_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"tool_choice":"auto"}""", 400, "tool_choice", "invalid_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required"}""", 400, "tool_choice", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"reasoning_effort":"low"}""", 400, "reasoning_effort", "unsupported_value")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"store":true}""", 400, "store", "unsupported_parameter")]
    [InlineData("""{"model":"primer","messages":[{"role":"user","content":"x"}],"foo":1}""", 400, "foo", "unknown_parameter")]
    public Task Chat(string body, int status, string? param, string code) => Refused("v1/chat/completions", body, status, param, code);

    [Theory]
    [InlineData("""{"model":"primer"}""", 400, "input", "missing_required_parameter")]
    [InlineData("""{"model":"primer","input":[]}""", 400, "input", "empty_array")]
    [InlineData("""{"model":"primer","input":{}}""", 400, "input", "invalid_type")]
    [InlineData("""{"model":"primer","input":"LONG"}""", 400, "input", "context_length_exceeded")]
    [InlineData("""{"model":"primer","input":"a","encoding_format":"hex"}""", 400, "encoding_format", "invalid_value")]
    [InlineData("""{"model":"primer","input":"a","dimensions":3}""", 400, "dimensions", "unsupported_value")]
    [InlineData("""{"model":"primer","input":"a","foo":3}""", 400, "foo", "unknown_parameter")]
    public Task Embeddings(string body, int status, string? param, string code) => Refused("v1/embeddings", body, status, param, code);

    [Fact]
    public async Task A_request_that_is_too_large_is_413()
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "v1/completions") { Content = new StringContent($$"""{"model":"primer","prompt":"{{new string('a', 5 << 20)}}"}""", Encoding.UTF8, "application/json") };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await app.Http.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync()).Should().Contain("request_too_large");
    }

    [Fact]
    public async Task Other_addresses_methods_and_types_are_told_apart()
    {
        using HttpResponseMessage type = await app.Http.PostAsync("v1/completions", new StringContent("""{"model":"primer","prompt":"a"}""", Encoding.UTF8, "text/plain"));
        type.StatusCode.Should().Be(HttpStatusCode.UnsupportedMediaType);
        using HttpResponseMessage method = await app.Http.GetAsync("v1/chat/completions");
        method.StatusCode.Should().Be(HttpStatusCode.MethodNotAllowed);
        method.Content.Headers.Allow.Should().Equal("POST");
        using HttpResponseMessage address = await app.Http.GetAsync("v1/nothing");
        address.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await address.Content.ReadAsStringAsync()).Should().Contain("unknown_url");
        using HttpResponseMessage model = await app.Http.GetAsync("v1/models/some/other");
        model.StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await model.Content.ReadAsStringAsync()).Should().Contain("some/other");
    }

    private async Task Refused(string path, string body, int status, string? param, string code)
    {
        (HttpResponseMessage response, JsonElement answer) = await app.Post(path, body.Replace(Long, string.Join(' ', Enumerable.Repeat("mother", 400)), StringComparison.Ordinal));
        JsonElement error = answer.GetProperty("error");
        error.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo("message", "type", "param", "code");
        ((int)response.StatusCode).Should().Be(status, error.GetRawText());
        error.GetProperty("param").GetString().Should().Be(param, error.GetRawText());
        error.GetProperty("code").GetString().Should().Be(code, error.GetRawText());
        error.GetProperty("type").GetString().Should().Be("invalid_request_error");
        error.GetProperty("message").GetString().Should().NotBeNullOrWhiteSpace();
        app.Gate.Running.Should().Be(0);
    }
}
