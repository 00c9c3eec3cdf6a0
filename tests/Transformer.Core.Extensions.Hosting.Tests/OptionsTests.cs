using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Transformer.Core.Extensions.Hosting.Tests;

public class OptionsTests
{
    [Fact]
    public async Task A_section_describes_a_model()
    {
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", Primer.Path), ("Transformer:ContextLength", "64"), ("Transformer:KvCache", "f16"), ("Transformer:Threads", "1"));
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer"));
        using IHost host = builder.Build();
        await host.StartAsync();
        TransformerModel model = host.Services.GetRequiredService<TransformerModel>();
        model.ContextLength.Should().Be(64);
        model.Description.StateBytes.Should().Be(ModelLoader.Open(Primer.Path).WithContextLength(64).Describe().StateBytes / 2);
        host.Services.GetRequiredService<TextGenerator>().Complete("我爱中华人民共和", new GenerationOptions { MaxTokens = 3 }).Text.Should().StartWith("国");
    }

    [Fact]
    public void Keys_tell_sections_and_models_apart_and_a_change_comes_last()
    {
        HostApplicationBuilder builder = Primer.Host(("Models:A:Path", Primer.Path), ("Models:A:ContextLength", "10"), ("Models:B:Path", Primer.Path));
        builder.Services.AddKeyedTransformer("a", builder.Configuration.GetSection("Models:A"));
        builder.Services.AddKeyedTransformer("b", builder.Configuration.GetSection("Models:B"), model => model.WithContextLength(20));
        using IHost host = builder.Build();
        host.Services.GetRequiredKeyedService<TransformerModel>("a").ContextLength.Should().Be(10);
        host.Services.GetRequiredKeyedService<TransformerModel>("b").ContextLength.Should().Be(20);
        host.Services.GetService<TransformerModel>().Should().BeNull();
    }

    [Theory]
    [InlineData("Threads", "0", "Transformer:Threads: expected 1 to 1024, or no value for one for each processor, found 0.")]
    [InlineData("Threads", "many", "*'many'*'Transformer:Threads'*")]
    [InlineData("ContextLength", "-1", "Transformer:ContextLength: expected at least 1*found -1.")]
    [InlineData("KvCache", "F15", "Transformer:KvCache: expected one of F32, F16, BF16, Q8_0, found 'F15'.")]
    [InlineData("Path", "/no/such/model.gguf", "Transformer:Path: expected a GGUF file or a Hugging Face folder, found nothing at '/no/such/model.gguf'*")]
    [InlineData("Path", "", "Transformer:Path: expected a GGUF file or a Hugging Face folder, found none.")]
    [InlineData("Treads", "2", "Transformer:Treads: expected one of Path, ContextLength, KvCache, Threads, WarmUp, Concurrency, found a key that is not known.")]
    [InlineData("WarmUp:Mode", "Sometimes", "*'Sometimes'*'Transformer:WarmUp:Mode'*")]
    [InlineData("WarmUp:Mode", "7", "Transformer:WarmUp:Mode: expected one of Off, InBackground, BeforeStart, found 7.")]
    [InlineData("WarmUp:When", "now", "Transformer:WarmUp:When: expected one of Mode, ReadAhead, PassTokens*")]
    [InlineData("WarmUp:PassTokens", "5000", "Transformer:WarmUp:PassTokens: expected 0 to 4096, found 5000.")]
    [InlineData("Concurrency:MaxGenerations", "0", "Transformer:Concurrency:MaxGenerations: expected at least 1*found 0.")]
    [InlineData("Concurrency:QueueLimit", "-1", "Transformer:Concurrency:QueueLimit: expected at least 0, found -1.")]
    public async Task A_wrong_value_stops_the_start_and_names_its_key(string key, string value, string message)
    {
        Dictionary<string, string> settings = new() { ["Transformer:Path"] = Primer.Path, [$"Transformer:{key}"] = value };
        HostApplicationBuilder builder = Primer.Host([.. settings.Select(s => (s.Key, s.Value))]);
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddConcurrencyLimit();
        using IHost host = builder.Build();
        OptionsValidationException failure = (await ((Func<Task>)(() => host.StartAsync())).Should().ThrowAsync<OptionsValidationException>()).Which;
        failure.Failures.Should().ContainSingle().Which.Should().Match(message);

        // Without a host, where the model is asked for.
        ((Action)(() => host.Services.GetRequiredService<TransformerModel>())).Should().Throw<OptionsValidationException>();
    }

    [Fact]
    public async Task All_problems_are_told_at_once_and_of_the_model_they_belong_to()
    {
        HostApplicationBuilder builder = Primer.Host(("Models:A:Path", Primer.Path), ("Models:B:Threads", "0"));
        builder.Services.AddKeyedTransformer("a", builder.Configuration.GetSection("Models:A"));
        builder.Services.AddKeyedTransformer("b", builder.Configuration.GetSection("Models:B"));
        using IHost host = builder.Build();
        OptionsValidationException failure = (await ((Func<Task>)(() => host.StartAsync())).Should().ThrowAsync<OptionsValidationException>()).Which;
        failure.OptionsName.Should().Be("b");
        failure.Failures.Should().HaveCount(2).And.OnlyContain(message => message.StartsWith("Models:B:", StringComparison.Ordinal));
        host.Services.GetRequiredKeyedService<TransformerModel>("a").Should().NotBeNull();
    }

    [Fact]
    public void Code_may_change_what_configuration_says()
    {
        HostApplicationBuilder builder = Primer.Host(("Path", "/no/such/model.gguf"));
        builder.Services.AddTransformer(builder.Configuration).Configure(options => options.Path = Primer.Path);
        using IHost host = builder.Build();
        host.Services.GetRequiredService<TransformerModel>().Should().NotBeNull();
    }

    [Fact]
    public async Task Options_of_a_model_that_came_without_any_are_checked_too()
    {
        HostApplicationBuilder builder = Primer.Host();
        builder.Services.AddTransformer(Primer.Path).AddWarmUp(options => (options.PassTokens, options.ReadAhead) = (-1, true));
        using IHost host = builder.Build();
        (await ((Func<Task>)(() => host.StartAsync())).Should().ThrowAsync<OptionsValidationException>()).Which.Failures.Should()
            .Equal("TransformerOptions:WarmUp:PassTokens: expected 0 to 4096, found -1.", "TransformerOptions:WarmUp:ReadAhead: expected false where the options do not say the path, found true.");
    }
}
