using Microsoft.Extensions.Logging;

namespace Transformer.Core.Extensions.Hosting;

/// <summary>What the host is told. Event ids are stable.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(1, LogLevel.Information, "Loading model {Model}.")]
    public static partial void Loading(ILogger logger, string model);

    [LoggerMessage(2, LogLevel.Information, "Model {Model}: {Stage}, {Percent} %.")]
    public static partial void Progress(ILogger logger, string model, ModelLoadStage stage, int percent);

    [LoggerMessage(3, LogLevel.Information, "Model {Model} is loaded: {Name}, {Parameters} parameters, {WeightBytes} bytes, context {ContextLength}; {ElapsedMilliseconds:F0} ms.")]
    public static partial void Loaded(ILogger logger, string model, string name, long parameters, long weightBytes, int contextLength, double elapsedMilliseconds);

    [LoggerMessage(4, LogLevel.Information, "Model {Model} is warm: a pass of {Tokens} tokens took {ElapsedMilliseconds:F0} ms.")]
    public static partial void Warm(ILogger logger, string model, int tokens, double elapsedMilliseconds);

    [LoggerMessage(5, LogLevel.Error, "Model {Model} could not be loaded.")]
    public static partial void Failed(ILogger logger, Exception exception, string model);

    [LoggerMessage(6, LogLevel.Information, "Loading of model {Model} was cancelled.")]
    public static partial void Cancelled(ILogger logger, string model);

    [LoggerMessage(7, LogLevel.Warning, "Generation refused: {Running} run, {Queued} wait; try again in {RetryAfterSeconds} s.")]
    public static partial void Refused(ILogger logger, int running, int queued, double retryAfterSeconds);
}
