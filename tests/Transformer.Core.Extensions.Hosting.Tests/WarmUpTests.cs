using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Transformer.Core.Extensions.Hosting.Tests;

public class WarmUpTests
{
    [Fact]
    public async Task A_host_that_started_has_its_model()
    {
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", Primer.Path), ("Transformer:WarmUp:ReadAhead", "true"), ("Transformer:WarmUp:PassTokens", "5"));
        FakeLogCollector logs = Logs(builder);
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddWarmUp().AddWarmUp().AddHealthCheck();
        using IHost host = builder.Build();
        (await Check(host)).Status.Should().Be(HealthStatus.Degraded, "nothing has asked for the model yet");
        await host.StartAsync();

        HealthReportEntry health = await Check(host);
        health.Status.Should().Be(HealthStatus.Healthy);
        TransformerModel model = host.Services.GetRequiredService<TransformerModel>();
        health.Data.Should().BeEquivalentTo(new Dictionary<string, object>
        {
            ["model"] = model.Description.Name,
            ["parameters"] = model.Description.ParameterCount,
            ["context"] = model.ContextLength,
        });
        Events(logs).Where(id => id != 2).Should().Equal(1, 3, 4);
        logs.GetSnapshot().Single(record => record.Id.Id == 4).Message.Should().StartWith("Model default is warm: a pass of 6 tokens took ");
        await host.StopAsync();
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_stops_the_start()
    {
        using Damaged file = new();
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", file.Path));
        FakeLogCollector logs = Logs(builder);
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddWarmUp().AddHealthCheck();
        using IHost host = builder.Build();
        await ((Func<Task>)(() => host.StartAsync())).Should().ThrowAsync<ModelFileException>().WithMessage($"{file.Path}*");
        Events(logs).Should().Equal(1, 5);
        HealthReportEntry health = await Check(host);
        health.Status.Should().Be(HealthStatus.Unhealthy);
        health.Exception.Should().BeOfType<ModelFileException>();
    }

    [Fact]
    public async Task Reading_ahead_of_a_damaged_file_is_a_failure_too()
    {
        using Damaged file = new();
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", file.Path), ("Transformer:WarmUp:ReadAhead", "true"));
        FakeLogCollector logs = Logs(builder);
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddWarmUp().AddHealthCheck();
        using IHost host = builder.Build();
        await ((Func<Task>)(() => host.StartAsync())).Should().ThrowAsync<ModelFileException>();
        Events(logs).Should().Equal(5);
        (await Check(host)).Status.Should().Be(HealthStatus.Unhealthy);
    }

    [Fact]
    public async Task In_the_background_the_host_starts_at_once_and_health_follows()
    {
        using ManualResetEventSlim open = new();
        HostApplicationBuilder builder = Primer.Host();
        builder.Services
            .AddKeyedTransformer("slow", _ => { open.Wait(); return ModelLoader.Open(Primer.Path); })
            .AddWarmUp(options => options.Mode = WarmUpMode.InBackground)
            .AddHealthCheck(untilLoaded: HealthStatus.Unhealthy, tags: ["ready"]);
        using IHost host = builder.Build();
        await host.StartAsync();
        HealthReportEntry health = await Check(host, "transformer-slow");
        health.Status.Should().Be(HealthStatus.Unhealthy);
        health.Exception.Should().BeNull();
        health.Tags.Should().Equal("ready");
        open.Set();
        host.Services.GetRequiredKeyedService<TransformerModel>("slow").Should().NotBeNull();
        (await Check(host, "transformer-slow")).Status.Should().Be(HealthStatus.Healthy);
        await host.StopAsync();
    }

    [Fact]
    public async Task In_the_background_a_failure_is_told_by_health_and_the_host_goes_on()
    {
        using Damaged file = new();
        HostApplicationBuilder builder = Primer.Host();
        builder.Services.AddTransformer(file.Path).AddWarmUp(options => options.Mode = WarmUpMode.InBackground).AddHealthCheck();
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
        HealthReportEntry health = await Check(host);
        health.Status.Should().BeOneOf(HealthStatus.Unhealthy, HealthStatus.Degraded);
        ((Action)(() => host.Services.GetRequiredService<TransformerModel>())).Should().Throw<ModelFileException>();
        (await Check(host)).Exception.Should().BeOfType<ModelFileException>();
    }

    [Fact]
    public async Task Stopping_ends_a_loading_and_a_later_request_may_load_again()
    {
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim go = new();
        HostApplicationBuilder builder = Primer.Host();
        FakeLogCollector logs = Logs(builder);
        builder.Services
            .AddTransformer(_ => { begun.Set(); go.Wait(); return ModelLoader.Open(Primer.Path); })
            .AddWarmUp(options => options.Mode = WarmUpMode.InBackground)
            .AddHealthCheck();
        using IHost host = builder.Build();
        await host.StartAsync();
        begun.Wait();
        Task stopping = host.StopAsync();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested.Should().BeTrue();
        go.Set();
        await stopping;
        Events(logs).Where(id => id != 2).Should().Equal(1, 6);
        (await Check(host)).Status.Should().Be(HealthStatus.Degraded);
        host.Services.GetRequiredService<TransformerModel>().Should().NotBeNull();
        (await Check(host)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Switched_off_the_first_request_loads()
    {
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", Primer.Path), ("Transformer:WarmUp:Mode", "Off"));
        FakeLogCollector logs = Logs(builder);
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddWarmUp().AddHealthCheck();
        using IHost host = builder.Build();
        await host.StartAsync();
        Events(logs).Should().BeEmpty();
        (await Check(host)).Status.Should().Be(HealthStatus.Degraded);
        host.Services.GetRequiredService<TextGenerator>().Should().NotBeNull();
        (await Check(host)).Status.Should().Be(HealthStatus.Healthy);
    }

    private static FakeLogCollector Logs(HostApplicationBuilder builder)
    {
        FakeLogCollector collector = new();
        builder.Logging.AddProvider(new FakeLoggerProvider(collector));
        return collector;
    }

    private static IEnumerable<int> Events(FakeLogCollector logs) =>
        logs.GetSnapshot().Where(record => record.Category == "Transformer.Core.Hosting").Select(record => record.Id.Id);

    private static async Task<HealthReportEntry> Check(IHost host, string name = "transformer") =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries[name];

    private sealed class Damaged : IDisposable
    {
        public Damaged() => File.WriteAllText(Path, "NOPE, this is a text and no model at all");

        public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Guid.NewGuid():N}.gguf");

        public void Dispose() => File.Delete(Path);
    }
}
