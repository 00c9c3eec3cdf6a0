using PublicApiGenerator;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Extensions.AI.Tests;

/// <summary>The public surface is approved by hand, as the library's is.</summary>
public class PublicApiTests
{
    [Fact]
    public void Public_surface_is_the_approved_one()
    {
        string actual = typeof(ChatTemplate).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n");
        string approved = Repository.Path("tests", "Transformer.Core.Extensions.AI.Tests", "Transformer.Core.Extensions.AI.approved.txt");
        if (Environment.GetEnvironmentVariable("TRANSFORMER_APPROVE_API") == "1")
            File.WriteAllText(approved, actual);
        actual.Should().Be(File.ReadAllText(approved).ReplaceLineEndings("\n"), "a wanted change is approved by running the tests once with TRANSFORMER_APPROVE_API=1");
    }
}
