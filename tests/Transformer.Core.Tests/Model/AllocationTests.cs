using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Model;

/// <summary>Decoding leaves the garbage collector alone. Runs by itself: the count is of the whole process.</summary>
[Collection(nameof(AllocationTests))]
public class AllocationTests
{
    public static TheoryData<string, int> Cases => new()
    {
        { "article", 1 },
        { "article", 2 },
        { "gpt2", 1 },
        { "gpt2", 2 },
        { "llama", 1 },
        { "llama", 2 },
        { "gemma", 1 },
        { "gemma", 2 },
        { "deepseek", 1 },
        { "deepseek", 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_hundred_decoded_tokens_allocate_nothing(string family, int threads)
    {
        // Wide enough that two threads really share the work.
        TransformerModel model = TinyModels.Builder(family).WithHiddenSize(120).WithThreads(threads).Build();
        using DecoderSession session = model.CreateSession();
        session.Forward(Noise.Tokens(1, 10, TinyModels.Vocabulary));
        Decode(session);

        // The test host's own threads may allocate while we count, so one clean hundred of several is the proof:
        // what a token allocates, it allocates every time.
        long own = long.MaxValue;
        long all = long.MaxValue;
        for (int attempt = 0; attempt < 10 && (own > 0 || all > 0); attempt++)
        {
            long allBefore = GC.GetTotalAllocatedBytes(precise: true);
            long ownBefore = GC.GetAllocatedBytesForCurrentThread();
            Decode(session);
            own = GC.GetAllocatedBytesForCurrentThread() - ownBefore;
            all = GC.GetTotalAllocatedBytes(precise: true) - allBefore;
        }
        own.Should().Be(0);
        all.Should().Be(0);
    }

    private static void Decode(DecoderSession session)
    {
        for (int i = 0; i < 100; i++)
            session.Forward(i % TinyModels.Vocabulary);
    }
}

/// <summary>Keeps other tests from running, and allocating, at the same time.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public class AllocationTestsAlone;
