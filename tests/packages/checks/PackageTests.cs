using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;
using Microsoft.Extensions.AI;
using Transformer.Core.Experiments;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Normalization;
using Transformer.Core.Testing;
using Transformer.Core;

/// <summary>What is in the packed files, and what a console app that uses them ships. The folders come from .ci/packages.</summary>
public class PackageTests
{
    private static readonly string Feed = Environment.GetEnvironmentVariable("TRANSFORMER_FEED")!;

    public static TheoryData<string> Packages => [.. Directory.EnumerateFiles(Feed, "*.nupkg").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Every_package_has_its_readme_icon_licence_and_symbols_and_nothing_native(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(Path.Combine(Feed, package));
        string[] files = [.. archive.Entries.Select(entry => entry.FullName)];
        Assert.Contains("README.md", files);
        Assert.Contains("icon.png", files);
        Assert.Contains("LICENSE", files);
        Assert.True(File.Exists(Path.Combine(Feed, Path.ChangeExtension(package, ".snupkg"))));
        Assert.DoesNotContain(files, file => file.EndsWith(".so", StringComparison.Ordinal) || file.EndsWith(".dylib", StringComparison.Ordinal) || file.StartsWith("runtimes/", StringComparison.Ordinal));

        XElement metadata = XDocument.Load(archive.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open()).Root!.Elements().First();
        string Value(string name) => metadata.Elements().Single(element => element.Name.LocalName == name).Value;
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("icon.png", Value("icon"));
        Assert.NotEmpty(Value("description"));

        // Each its own: the README begins with the package's name.
        using StreamReader readme = new(archive.GetEntry("README.md")!.Open());
        Assert.Equal($"# {Value("id")}", readme.ReadLine());
    }

    [Fact]
    public void The_core_depends_on_three_packages()
    {
        string core = Directory.EnumerateFiles(Feed, "Transformer.Core.?.*.nupkg").Single();
        using ZipArchive archive = ZipFile.OpenRead(core);
        XDocument nuspec = XDocument.Load(archive.GetEntry("Transformer.Core.nuspec")!.Open());
        Assert.Equal(
            ["Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.ML.Tokenizers", "System.Numerics.Tensors"],
            nuspec.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value).Order());
        Assert.Contains(archive.Entries, entry => entry.FullName == "lib/net10.0/Transformer.Core.xml");
    }

    [Fact]
    public void A_console_app_s_folder_has_no_native_file_but_the_host()
    {
        string[] files = [.. Directory.EnumerateFiles(Environment.GetEnvironmentVariable("TRANSFORMER_CONSOLE")!, "*", SearchOption.AllDirectories)];
        Assert.Contains(files, file => Path.GetFileName(file) == "Transformer.Core.dll");
        foreach (string file in files)
        {
            string extension = Path.GetExtension(file);
            if (extension == ".dll")
                AssemblyName.GetAssemblyName(file);
            else
                Assert.True(extension is ".json" or ".pdb" or ".xml" || Path.GetFileNameWithoutExtension(file) == "Console", file);
        }
    }

    [Fact]
    public void The_conformance_kit_works_from_the_package() => ComponentConformance.CheckNormalization(c => new RmsNormalization(c));

    [Fact]
    public void The_experiments_work_from_the_package()
    {
        TransformerModel model = TransformerBuilder.FromGguf(Environment.GetEnvironmentVariable("TRANSFORMER_MODEL")!).Build();
        int[] tokens = model.Tokenizer!.Encode("我爱中华人民共和");
        LogitLens lens = LogitLens.Of(model, tokens);
        Assert.NotNull(lens);
    }

    [Fact]
    public async Task A_chat_client_answers_from_the_package()
    {
        TransformerModel model = TransformerBuilder.FromGguf(Environment.GetEnvironmentVariable("TRANSFORMER_MODEL")!).Build();
        using TransformerChatClient client = new(model, new TransformerChatClientOptions { Template = ChatTemplate.Plain });
        ChatResponse response = await client.GetResponseAsync([new ChatMessage(ChatRole.User, "我爱中华人民共和")], new ChatOptions { MaxOutputTokens = 8 });
        Assert.InRange(response.Usage!.OutputTokenCount!.Value, 1, 8);
    }
}
