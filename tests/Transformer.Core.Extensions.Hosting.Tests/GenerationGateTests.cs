using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Transformer.Core.Extensions.Hosting.Tests;

public class GenerationGateTests
{
    [Fact]
    public async Task So_many_run_so_many_wait_and_the_next_is_refused()
    {
        FakeLogger<GenerationGate> log = new();
        using GenerationGate gate = new(new ConcurrencyOptions { MaxGenerations = 2, QueueLimit = 1 }, logger: log);
        IDisposable first = await gate.EnterAsync();
        using IDisposable second = await gate.EnterAsync();
        Task<IDisposable> third = gate.EnterAsync().AsTask();
        third.IsCompleted.Should().BeFalse();
        (gate.Running, gate.Queued).Should().Be((2, 1));

        Func<Task> fourth = async () => await gate.EnterAsync();
        (await fourth.Should().ThrowAsync<GenerationQueueFullException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(1));
        log.LatestRecord.Id.Id.Should().Be(7);

        first.Dispose();
        first.Dispose();
        using IDisposable entered = await third;
        (gate.Running, gate.Queued).Should().Be((2, 0), "leaving twice is leaving once");
    }

    [Fact]
    public async Task Retry_after_follows_how_long_generations_took()
    {
        FakeTimeProvider time = new();
        using GenerationGate gate = new(new ConcurrencyOptions { MaxGenerations = 1, QueueLimit = 0 }, time);
        using (await gate.EnterAsync())
            time.Advance(TimeSpan.FromSeconds(6.5));
        using IDisposable place = await gate.EnterAsync();
        (await ((Func<Task>)(async () => await gate.EnterAsync())).Should().ThrowAsync<GenerationQueueFullException>())
            .Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_queue()
    {
        using GenerationGate gate = new(new ConcurrencyOptions { MaxGenerations = 1, QueueLimit = 1 });
        using IDisposable place = await gate.EnterAsync();
        using CancellationTokenSource cancel = new();
        Task<IDisposable> waiting = gate.EnterAsync(cancel.Token).AsTask();
        gate.Queued.Should().Be(1);
        await cancel.CancelAsync();
        await ((Func<Task>)(() => waiting)).Should().ThrowAsync<OperationCanceledException>();
        gate.Queued.Should().Be(0);
    }

    [Fact]
    public void Numbers_that_cannot_be_are_refused()
    {
        ((Action)(() => _ = new GenerationGate(new ConcurrencyOptions { MaxGenerations = 0 }))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new GenerationGate(new ConcurrencyOptions { QueueLimit = -1 }))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task Each_model_has_a_gate_of_its_own()
    {
        HostApplicationBuilder builder = Primer.Host(("Transformer:Path", Primer.Path), ("Transformer:Concurrency:MaxGenerations", "1"), ("Transformer:Concurrency:QueueLimit", "0"));
        builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer")).AddConcurrencyLimit();
        builder.Services.AddKeyedTransformer("b", Primer.Path).AddConcurrencyLimit(options => options.MaxGenerations = 3);
        using IHost host = builder.Build();
        GenerationGate gate = host.Services.GetRequiredService<GenerationGate>();
        host.Services.GetRequiredKeyedService<GenerationGate>("b").Should().NotBeSameAs(gate);
        using IDisposable place = await gate.EnterAsync();
        await ((Func<Task>)(async () => await gate.EnterAsync())).Should().ThrowAsync<GenerationQueueFullException>();
    }
}
