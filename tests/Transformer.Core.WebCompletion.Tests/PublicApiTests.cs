using PublicApiGenerator;
using Transformer.Core.Extensions.AspNetCore;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.WebCompletion.Tests;

/// <summary>The public surface is approved by hand, as the library's is.</summary>
public class PublicApiTests
{
    [Fact]
    public void Public_surface_is_the_approved_one()
    {
        string actual = typeof(OpenAIOptions).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n");
        string approved = Repository.Path("tests", "Transformer.Core.WebCompletion.Tests", "Transformer.Core.Extensions.AspNetCore.approved.txt");
        if (Environment.GetEnvironmentVariable("TRANSFORMER_APPROVE_API") == "1")
            File.WriteAllText(approved, actual);
        actual.Should().Be(File.ReadAllText(approved).ReplaceLineEndings("\n"), "a wanted change is approved by running the tests once with TRANSFORMER_APPROVE_API=1");
    }
}
