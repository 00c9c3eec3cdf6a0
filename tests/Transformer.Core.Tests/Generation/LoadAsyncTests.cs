using Microsoft.Extensions.DependencyInjection;
using Transformer.Core.Tests.Data;
using Transformer.Core.Tests.Support;

namespace Transformer.Core.Tests.Generation;

public class LoadAsyncTests
{
    [Fact]
    public async Task A_model_loaded_off_the_thread_is_the_one_loaded_on_it()
    {
        Reports reports = new();
        TransformerModel model = await ModelLoader.LoadAsync(Reference.Folder("llama-tiny"), reports);
        (int[] tokens, float[] expected) = Reference.Logits("llama-tiny");
        Difference.Relative(model.AllLogits(tokens), expected).Should().BeLessThan(1e-4);
        reports.Thread.Should().NotBe(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public async Task Progress_opens_counts_every_tensor_and_ends()
    {
        Reports reports = new();
        TransformerModel model = await ModelLoader.LoadAsync(Primer.File, reports);
        int tensors = model.Description.Components.Sum(c => c.Tensors.Count);
        long bytes = model.Description.WeightBytes;
        reports[0].Should().Be(new ModelLoadProgress(ModelLoadStage.Opening, 0, 0, 0, 0));
        reports[^1].Should().Be(new ModelLoadProgress(ModelLoadStage.Loaded, tensors, tensors, bytes, bytes));
        reports[^1].Share.Should().Be(1);
        ModelLoadProgress[] building = [.. reports.Where(r => r.Stage == ModelLoadStage.Building)];
        building.Select(r => r.Tensors).Should().Equal(Enumerable.Range(1, tensors));
        building.Select(r => r.Bytes).Should().BeInAscendingOrder();
        building[^1].Should().Be(new ModelLoadProgress(ModelLoadStage.Building, tensors, tensors, bytes, bytes));
    }

    [Fact]
    public async Task A_changed_builder_counts_each_tensor_once_and_keeps_its_weights()
    {
        Reports reports = new();
        TransformerBuilder builder = ModelLoader.Open(Primer.File).WithLayerOrder(0, 0, 1);
        TransformerModel model = await builder.BuildAsync(reports);
        model.Layers.Should().HaveCount(3);
        model.Description.Changes.Should().NotBeEmpty();
        reports.Where(r => r.Stage == ModelLoadStage.Building).Should().OnlyContain(r => r.Tensors <= r.TotalTensors && r.Bytes <= r.TotalBytes);
        (await builder.BuildAsync()).AllLogits([1, 2]).Should().Equal(model.AllLogits([1, 2]));
    }

    [Fact]
    public async Task Cancelling_ends_a_build_between_tensors()
    {
        using CancellationTokenSource cancel = new();
        Reports reports = new() { Then = report => { if (report.Tensors == 2) cancel.Cancel(); } };
        Func<Task> load = () => ModelLoader.LoadAsync(Primer.File, reports, cancel.Token);
        await load.Should().ThrowAsync<OperationCanceledException>();
        reports[^1].Tensors.Should().Be(2);
    }

    [Fact]
    public async Task What_is_wrong_is_told_as_by_the_synchronous_path()
    {
        await ((Func<Task>)(() => ModelLoader.LoadAsync("/no/such/model.gguf"))).Should().ThrowAsync<ModelFileException>().WithMessage("*/no/such/model.gguf*");
        await ((Func<Task>)(() => ModelLoader.ReadAheadAsync("/no/such/model.gguf"))).Should().ThrowAsync<ModelFileException>();
        await ((Func<Task>)(() => ModelLoader.ReadAheadAsync("/no/such/folder.safetensors"))).Should().ThrowAsync<ModelFileException>();
        await ((Func<Task>)(() => new TransformerBuilder().WithLayers(1).WithRandomWeights(1).BuildAsync(new Reports()))).Should().ThrowAsync<ModelBuildException>();
        ((Action)(() => ModelLoader.LoadAsync(""))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public async Task Reading_ahead_reads_every_byte()
    {
        Reports reports = new();
        await ModelLoader.ReadAheadAsync(Primer.File, reports);
        long bytes = new FileInfo(Primer.File).Length;
        reports[^1].Should().Be(new ModelLoadProgress(ModelLoadStage.ReadingAhead, 0, 0, bytes, bytes));

        reports = new();
        await ModelLoader.ReadAheadAsync(Reference.Folder("llama-tiny"), reports);
        reports[^1].Share.Should().Be(1);
        using CancellationTokenSource cancel = new();
        reports = new() { Then = _ => cancel.Cancel() };
        await ((Func<Task>)(() => ModelLoader.ReadAheadAsync(Primer.File, reports, cancel.Token))).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public void A_container_s_progress_is_told_and_what_it_throws_ends_the_loading()
    {
        Reports plain = new();
        Reports keyed = new() { Then = _ => throw new OperationCanceledException() };
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton<IProgress<ModelLoadProgress>>(plain)
            .AddKeyedSingleton<IProgress<ModelLoadProgress>>("a", keyed)
            .AddTransformer(Primer.File).Services
            .AddKeyedTransformer("a", Primer.File).Services
            .BuildServiceProvider();
        services.GetRequiredService<TransformerModel>();
        plain[^1].Stage.Should().Be(ModelLoadStage.Loaded);
        ((Action)(() => services.GetRequiredKeyedService<TransformerModel>("a"))).Should().Throw<OperationCanceledException>();
        keyed.Should().ContainSingle();
    }

    private sealed class Reports : List<ModelLoadProgress>, IProgress<ModelLoadProgress>
    {
        public Action<ModelLoadProgress>? Then { get; init; }

        public int Thread { get; private set; }

        public void Report(ModelLoadProgress value)
        {
            Thread = Environment.CurrentManagedThreadId;
            Add(value);
            Then?.Invoke(value);
        }
    }
}
