namespace Transformer.Core.Tests.Data;

/// <summary>A fact about the files of <see cref="TestData"/>; reported as skipped, with the reason, where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataFactAttribute : FactAttribute
{
    public DataFactAttribute() => Skip = TestData.WhyMissing;
}

/// <summary>A theory about the files of <see cref="TestData"/>; reported as skipped, with the reason, where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class DataTheoryAttribute : TheoryAttribute
{
    public DataTheoryAttribute() => Skip = TestData.WhyMissing;
}
