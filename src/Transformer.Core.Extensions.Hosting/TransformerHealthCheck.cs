using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>Healthy once the model is loaded. Never loads it.</summary>
internal sealed class TransformerHealthCheck(ModelStatus status, HealthStatus untilLoaded) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        (ModelState state, ModelLoadProgress progress, TransformerModel? model, Exception? failure) = status.Now;
        return state switch
        {
            ModelState.Loaded => HealthCheckResult.Healthy("The model is loaded.", new Dictionary<string, object>
            {
                ["model"] = model!.Description.Name,
                ["parameters"] = model.Description.ParameterCount,
                ["context"] = model.ContextLength,
            }),
            ModelState.Failed => HealthCheckResult.Unhealthy($"The model could not be loaded: {failure!.Message}", failure),
            ModelState.Loading => new HealthCheckResult(untilLoaded, "The model is being loaded.", data: new Dictionary<string, object>
            {
                ["stage"] = progress.Stage.ToString(),
                ["share"] = progress.Share,
            }),
            _ => new HealthCheckResult(untilLoaded, "The model is not loaded yet."),
        };
    }
}
