using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Numerics;

public class WorkerPoolTests
{
    public static TheoryData<int, int, int> Sizes
    {
        get
        {
            TheoryData<int, int, int> sizes = [];
            foreach (int threads in new[] { 1, 2, 3, 8 })
                foreach (int items in new[] { 0, 1, 2, 5, 16, 17, 1000 })
                    foreach (int grain in new[] { 0, 1, 7, 5000 })
                        sizes.Add(threads, items, grain);
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_item_is_computed_exactly_once(int threads, int items, int grain)
    {
        using WorkerPool pool = new(threads);
        for (int repeat = 0; repeat < 20; repeat++)
        {
            int[] counts = new int[items];
            pool.Run(new CountWork(counts, threads), items, grain);
            counts.Should().Equal([.. Enumerable.Repeat(1, items)]);
        }
    }

    [Fact]
    public void Many_small_regions_one_after_the_other_lose_nothing()
    {
        using WorkerPool pool = new(4);
        int[] counts = new int[13];
        for (int region = 0; region < 20_000; region++)
            pool.Run(new CountWork(counts, 4), counts.Length);
        counts.Should().OnlyContain(c => c == 20_000);
    }

    [Fact]
    public void Regions_after_the_workers_have_parked_are_computed_too()
    {
        using WorkerPool pool = new(3);
        int[] counts = new int[64];
        for (int region = 0; region < 20; region++)
        {
            pool.Run(new CountWork(counts, 3), counts.Length);
            Thread.Sleep(5);
        }
        counts.Should().OnlyContain(c => c == 20);
    }

    [Fact]
    public void A_ref_struct_may_be_the_work()
    {
        using WorkerPool pool = new(3);
        Span<float> x = stackalloc float[100], y = stackalloc float[100];
        x.Fill(2);
        for (int i = 0; i < 50; i++)
            pool.Run(new SpanWork { X = x, Y = y }, 100);
        y.ToArray().Should().OnlyContain(v => v == 100);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        double[] one = new double[777], many = new double[777];
        using WorkerPool alone = new(1), pool = new(5);
        alone.Run(new SineWork(one), 777);
        pool.Run(new SineWork(many), 777);
        many.Should().Equal(one);
    }

    [Fact]
    public void A_region_inside_a_region_is_computed_by_its_thread()
    {
        using WorkerPool pool = new(3);
        int[] counts = new int[20 * 30];
        pool.Run(new NestedWork(pool, counts), 20);
        counts.Should().OnlyContain(c => c == 1);
    }

    [Fact]
    public void Callers_do_not_disturb_each_other()
    {
        using WorkerPool pool = new(3);
        int[][] counts = [.. Enumerable.Range(0, 6).Select(_ => new int[101])];
        Thread[] callers = [.. counts.Select(own => new Thread(() =>
        {
            for (int region = 0; region < 500; region++)
                pool.Run(new CountWork(own, 3), own.Length);
        }))];
        foreach (Thread caller in callers)
            caller.Start();
        foreach (Thread caller in callers)
            caller.Join();
        counts.Should().OnlyContain(own => own.All(c => c == 500));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void An_exception_reaches_the_caller_and_the_pool_stays_usable(int threads)
    {
        using WorkerPool pool = new(threads);
        for (int repeat = 0; repeat < 50; repeat++)
        {
            int bad = repeat % 40;
            FluentActions.Invoking(() => pool.Run(new ThrowingWork(bad), 40)).Should().Throw<InvalidOperationException>().WithMessage($"item {bad}");
            int[] counts = new int[40];
            pool.Run(new CountWork(counts, threads), 40);
            counts.Should().OnlyContain(c => c == 1);
        }
    }

    [Fact]
    public void Run_allocates_nothing()
    {
        using WorkerPool pool = new(3);
        int[] counts = new int[100];
        CountWork work = new(counts, 3);
        for (int warm = 0; warm < 100; warm++)
            pool.Run(work, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int region = 0; region < 100; region++)
            pool.Run(work, 100);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void After_Dispose_the_caller_computes_alone()
    {
        WorkerPool pool = new(4);
        int[] counts = new int[50];
        pool.Run(new CountWork(counts, 4), 50);
        pool.Dispose();
        pool.Dispose();
        pool.Run(new CountWork(counts, 1), 50);
        counts.Should().OnlyContain(c => c == 2);
    }

    [Fact]
    public void Dispose_during_regions_loses_nothing()
    {
        for (int repeat = 0; repeat < 50; repeat++)
        {
            WorkerPool pool = new(3);
            int[] counts = new int[64];
            Thread caller = new(() =>
            {
                for (int region = 0; region < 100; region++)
                    pool.Run(new CountWork(counts, 3), counts.Length);
            });
            caller.Start();
            pool.Dispose();
            caller.Join();
            counts.Should().OnlyContain(c => c == 100);
        }
    }

    [Fact]
    public void The_shared_pool_cannot_be_disposed()
    {
        WorkerPool.Shared.Dispose();
        int[] counts = new int[50];
        WorkerPool.Shared.Run(new CountWork(counts, WorkerPool.Shared.Threads), 50);
        counts.Should().OnlyContain(c => c == 1);
        WorkerPool.Shared.Threads.Should().Be(Environment.ProcessorCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void An_absurd_number_of_threads_is_refused(int threads) =>
        FluentActions.Invoking(() => new WorkerPool(threads)).Should().Throw<ArgumentOutOfRangeException>();

    private readonly struct CountWork(int[] counts, int threads) : IParallelWork
    {
        public void Execute(int start, int end, int worker)
        {
            if (worker < 0 || worker >= threads)
                throw new InvalidOperationException($"worker {worker} of {threads}");
            for (int i = start; i < end; i++)
                Interlocked.Increment(ref counts[i]);
        }
    }

    private ref struct SpanWork : IParallelWork
    {
        public ReadOnlySpan<float> X;
        public Span<float> Y;

        public readonly void Execute(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
                Y[i] += X[i];
        }
    }

    private readonly struct SineWork(double[] values) : IParallelWork
    {
        public void Execute(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
                values[i] = Math.Sin(i);
        }
    }

    private readonly struct NestedWork(WorkerPool pool, int[] counts) : IParallelWork
    {
        public void Execute(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
                pool.Run(new RowWork(counts, i * 30), 30);
        }
    }

    private readonly struct RowWork(int[] counts, int first) : IParallelWork
    {
        public void Execute(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
                Interlocked.Increment(ref counts[first + i]);
        }
    }

    private readonly struct ThrowingWork(int bad) : IParallelWork
    {
        public void Execute(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
            {
                if (i == bad)
                    throw new InvalidOperationException($"item {i}");
            }
        }
    }
}
