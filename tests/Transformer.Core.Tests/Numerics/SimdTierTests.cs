using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.RegularExpressions;

namespace Transformer.Core.Tests.Numerics;

/// <summary>Runs every test of the category Kernels again, in a process of its own, as an older or newer processor would.</summary>
[Trait("Category", "SimdTiers")]
public class SimdTierTests
{
    /// <summary>Says in the child process what must be off there.</summary>
    internal const string Expected = "TRANSFORMER_EXPECT_TIER";

    [Theory]
    [InlineData("no-avx512", "DOTNET_EnableAVX512", "0")]
    [InlineData("no-avx2", "DOTNET_EnableAVX2", "0")]
    [InlineData("no-simd", "DOTNET_EnableHWIntrinsic", "0")]
    [InlineData("widest", "DOTNET_MaxVectorTBitWidth", "512")]
    public async Task The_kernel_tests_pass_on(string tier, string variable, string value)
    {
        Environment.GetEnvironmentVariable(Expected).Should().BeNull("a child must not start children");
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "vstest", typeof(SimdTierTests).Assembly.Location, "--TestCaseFilter:Category=Kernels" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [variable] = value, [Expected] = tier, ["DOTNET_CLI_UI_LANGUAGE"] = "en" },
        };
        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(), errors = child.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(3));
        try
        {
            await child.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"{tier}: the child process has not ended in three minutes.");
        }
        string report = await output + await errors;
        child.ExitCode.Should().Be(0, "the child process reports {0}", report);
        Match passed = Regex.Match(report, @"Passed:\s*(\d+)");
        passed.Success.Should().BeTrue("the child process reports {0}", report);
        int.Parse(passed.Groups[1].Value).Should().BeGreaterThan(200, "the child process reports {0}", report);
    }
}

/// <summary>Fails in a child of <see cref="SimdTierTests"/> whose tier is not what its parent asked for.</summary>
[Trait("Category", "Kernels")]
public class SimdTierGuard
{
    [Fact]
    public void The_tier_is_the_expected_one()
    {
        switch (Environment.GetEnvironmentVariable(SimdTierTests.Expected))
        {
            case null:
                break;
            case "no-avx512":
                (Vector512.IsHardwareAccelerated || Avx512F.IsSupported).Should().BeFalse();
                break;
            case "no-avx2":
                (Vector512.IsHardwareAccelerated || Vector256.IsHardwareAccelerated || Avx2.IsSupported || Fma.IsSupported).Should().BeFalse();
                Vector<float>.Count.Should().Be(4);
                break;
            case "no-simd":
                (Vector128.IsHardwareAccelerated || Vector.IsHardwareAccelerated).Should().BeFalse();
                break;
            case "widest":
                Vector<float>.Count.Should().Be(Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4);
                break;
            case string other:
                Assert.Fail($"Unknown tier {other}.");
                break;
        }
    }
}
