using System.Reflection;

namespace Transformer.Core.Tests.Data;

/// <summary>The sources that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>A file or folder of the repository.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;
}
