using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Loads a model and runs a short pass, before the host starts or while it runs.</summary>
internal sealed class WarmUpService(IServiceProvider provider, object? key) : IHostedLifecycleService, IDisposable
{
    private readonly WarmUpOptions _options = provider.GetRequiredService<IOptionsMonitor<TransformerOptions>>().Get(TransformerOptionsName.Of(key)).WarmUp;
    private readonly string? _path = provider.GetRequiredService<IOptionsMonitor<TransformerOptions>>().Get(TransformerOptionsName.Of(key)).Path;
    private readonly ModelStatus _status = provider.GetRequiredKeyedService<ModelStatus>(key);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (_options.Mode is not WarmUpMode.BeforeStart)
            return;
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await RunAsync(either.Token).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (_options.Mode is WarmUpMode.InBackground)
            _running = RunInBackgroundAsync();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _running.WaitAsync(cancellationToken);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task RunInBackgroundAsync()
    {
        try
        {
            await RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The status has it, for the log and the health check; whoever asks for the model next tries again and sees it too.
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_options.ReadAhead && _path is not null)
                await ModelLoader.ReadAheadAsync(_path, _status, cancellationToken).ConfigureAwait(false);
            await Task.Run(() => Load(cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _status.Fail(exception);
            throw;
        }
    }

    private void Load(CancellationToken cancellationToken)
    {
        _status.CancellationToken = cancellationToken;
        TransformerModel model;
        try
        {
            model = provider.GetRequiredKeyedService<TransformerModel>(key);
        }
        finally
        {
            // Somebody who asks after a cancelled warm-up shall have the model.
            _status.CancellationToken = CancellationToken.None;
        }
        if (_options.PassTokens == 0)
            return;
        long start = Stopwatch.GetTimestamp();
        int tokens = Math.Min(_options.PassTokens, model.ContextLength - 1);
        using DecoderSession session = model.CreateSession(tokens + 1);
        int[] ids = [.. Enumerable.Range(0, tokens).Select(i => i % model.VocabSize)];
        if (tokens > 0)
            session.Forward(ids, cancellationToken);
        session.Forward(0);
        HostingLog.Warm(_status.Logger, _status.Label, tokens + 1, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }
}
