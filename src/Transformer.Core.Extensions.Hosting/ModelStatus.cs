using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Where a model stands.</summary>
internal enum ModelState
{
    NotLoaded,
    Loading,
    Loaded,
    Failed,
}

/// <summary>Follows the loading of one model, whoever asked for it first: logs it, lets it be cancelled, tells the health check. Thread-safe.</summary>
internal sealed class ModelStatus(object? key, ILoggerFactory? loggers, TimeProvider? time) : IProgress<ModelLoadProgress>
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(1);

    private readonly ILogger _logger = loggers?.CreateLogger("Transformer.Core.Hosting") ?? (ILogger)NullLogger.Instance;
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _lock = new();
    private long _begun;
    private long _reported;
    private (ModelState State, ModelLoadProgress Progress, TransformerModel? Model, Exception? Failure) _now;

    /// <summary>The model in messages: its key, or "default".</summary>
    public string Label { get; } = key?.ToString() ?? "default";

    public ILogger Logger => _logger;

    /// <summary>What ends the loading; the host's warm-up sets it.</summary>
    public CancellationToken CancellationToken { get; set; }

    public (ModelState State, ModelLoadProgress Progress, TransformerModel? Model, Exception? Failure) Now
    {
        get
        {
            lock (_lock)
                return _now;
        }
    }

    public void Report(ModelLoadProgress value)
    {
        CancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            _now.State = ModelState.Loading;
            _now.Progress = value;
            if (value.Stage is ModelLoadStage.Loaded || _time.GetElapsedTime(_reported) < BetweenReports)
                return;
            _reported = _time.GetTimestamp();
        }
        HostingLog.Progress(_logger, Label, value.Stage, (int)(100 * value.Share));
    }

    /// <summary>Loads, and keeps in mind what became of it.</summary>
    public TransformerModel Load(Func<TransformerModel> load)
    {
        lock (_lock)
            (_now, _begun, _reported) = ((ModelState.Loading, default, null, null), _time.GetTimestamp(), _time.GetTimestamp());
        HostingLog.Loading(_logger, Label);
        try
        {
            TransformerModel model = load();
            lock (_lock)
                _now = (ModelState.Loaded, _now.Progress, model, null);
            ModelDescription description = model.Description;
            HostingLog.Loaded(_logger, Label, description.Name, description.ParameterCount, description.WeightBytes, description.ContextLength, _time.GetElapsedTime(_begun).TotalMilliseconds);
            return model;
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }
    }

    public void Fail(Exception exception)
    {
        bool cancelled = exception is OperationCanceledException;
        lock (_lock)
        {
            if (ReferenceEquals(_now.Failure, exception))
                return;
            _now = (cancelled ? ModelState.NotLoaded : ModelState.Failed, default, null, exception);
        }
        if (cancelled)
            HostingLog.Cancelled(_logger, Label);
        else
            HostingLog.Failed(_logger, exception, Label);
    }
}

/// <summary>Puts a status beside a registered model.</summary>
internal static class ModelStatusRegistration
{
    /// <summary>Registers the status once, and lets every loading of the model pass through it.</summary>
    public static TransformerServiceBuilder WithStatus(this TransformerServiceBuilder builder)
    {
        (IServiceCollection services, object? key) = (builder.Services, builder.Key);
        if (services.Any(service => service.ServiceType == typeof(ModelStatus) && Equals(service.ServiceKey, key)))
            return builder;
        services.AddKeyedSingleton(key, (provider, own) => new ModelStatus(own, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        services.AddKeyedSingleton<IProgress<ModelLoadProgress>>(key, (provider, own) => provider.GetRequiredKeyedService<ModelStatus>(own));

        for (int i = 0; i < services.Count; i++)
        {
            ServiceDescriptor service = services[i];
            if (service.ServiceType != typeof(TransformerModel) || !Equals(service.ServiceKey, key) || Factory(service) is not { } load)
                continue;
            services[i] = ServiceDescriptor.KeyedSingleton(key, (provider, own) => provider.GetRequiredKeyedService<ModelStatus>(own).Load(() => (TransformerModel)load(provider)));
        }
        return builder;
    }

    private static Func<IServiceProvider, object>? Factory(ServiceDescriptor service) =>
        !service.IsKeyedService ? service.ImplementationFactory
        : service.KeyedImplementationFactory is { } keyed ? provider => keyed(provider, service.ServiceKey)
        : null;
}
