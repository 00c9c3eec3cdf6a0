using PublicApiGenerator;
using Transformer.Core.Experiments;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Tests.Api;

/// <summary>The public surface is approved by hand: a change of it must change the approved file too.</summary>
public class PublicApiTests
{
    [Theory]
    [InlineData(typeof(TransformerBuilder))]
    [InlineData(typeof(LogitLens))]
    public void Public_surface_is_the_approved_one(Type typeOfAssembly)
    {
        string actual = typeOfAssembly.Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] }).ReplaceLineEndings("\n");
        string approved = Repository.Path("tests", "Transformer.Core.Tests", "Api", $"{typeOfAssembly.Assembly.GetName().Name}.approved.txt");
        if (Environment.GetEnvironmentVariable("TRANSFORMER_APPROVE_API") == "1")
            File.WriteAllText(approved, actual);
        actual.Should().Be(File.ReadAllText(approved).ReplaceLineEndings("\n"), "a wanted change is approved by running the tests once with TRANSFORMER_APPROVE_API=1");
    }
}
