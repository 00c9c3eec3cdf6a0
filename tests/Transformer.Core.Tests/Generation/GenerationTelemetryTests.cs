using Transformer.Core.Generation;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

public class GenerationTelemetryTests
{
    /// <summary>What it tells when somebody does is tested with OpenTelemetry's own SDK in Transformer.Core.Extensions.Hosting.Tests.</summary>
    [Fact]
    public void While_nobody_listens_there_is_none() =>
        GenerationTelemetry.Start(TinyModels.Build("llama"), new GenerationOptions(), 3).Should().BeNull();
}
