namespace Transformer.Core.Tests.Data;

/// <summary>
/// The folder of real weights, vocabularies and reference outputs, named by the variable TRANSFORMER_DATA.
/// Tests that need it are marked <see cref="DataFactAttribute"/> or <see cref="DataTheoryAttribute"/>.
/// </summary>
internal static class TestData
{
    public const string Variable = "TRANSFORMER_DATA";

    /// <summary>Why the data cannot be used, or null if it can.</summary>
    public static string? WhyMissing
    {
        get
        {
            string? root = Environment.GetEnvironmentVariable(Variable);
            return string.IsNullOrEmpty(root) ? $"{Variable} is unset; see README, 'Test data'"
                : !Directory.Exists(root) ? $"{Variable} names no folder ({root}); see README, 'Test data'"
                : null;
        }
    }

    /// <summary>A file or folder of the data: <c>TestData.Path("golden", "quant", "q8_0.q")</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no data: the test is a plain [Fact] but should be a [DataFact].</exception>
    public static string Path(params string[] parts)
    {
        if (WhyMissing is { } reason)
            throw new InvalidOperationException(reason);
        return System.IO.Path.Combine([Environment.GetEnvironmentVariable(Variable)!, .. parts]);
    }
}
