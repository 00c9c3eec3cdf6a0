using System.Text.RegularExpressions;
using Transformer.Core.Tests.Data;

namespace Transformer.Core.Docs.Tests;

/// <summary>Nothing of src is without a page, and no link leads nowhere.</summary>
public partial class CoverageTests
{
    [Fact]
    public void Every_folder_of_the_core_has_its_page()
    {
        string[] covered = [.. Pages.Files("docs", "*.md").SelectMany(page => Covers().Matches(Pages.Text(page))).SelectMany(match => Folder().Matches(match.Value)).Select(match => match.Groups[1].Value)];
        string[] folders = [.. Pages.Files("src/Transformer.Core", "*.cs").Select(file => file.Split('/')[2]).Distinct().Where(name => !name.EndsWith(".cs", StringComparison.Ordinal))];
        covered.Should().BeEquivalentTo(folders, "each page says 'Covers `src/Transformer.Core/X`', each folder once");
    }

    [Fact]
    public void Every_package_is_on_a_page()
    {
        string text = string.Concat(Pages.Files("docs", "*.md").Select(Pages.Text));
        foreach (string project in Pages.Files("src", "*.csproj"))
            text.Should().Contain(Path.GetFileNameWithoutExtension(project));
    }

    [Fact]
    public void Every_page_is_in_the_table_of_contents()
    {
        string contents = Pages.Text("docs/toc.yml");
        foreach (string page in Pages.Files("docs", "*.md"))
            contents.Should().Contain($"href: {page["docs/".Length..]}");
    }

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        foreach (string page in Pages.All)
            foreach (Match link in Link().Matches(Pages.Text(page)))
            {
                string target = link.Groups[1].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                    continue;
                string path = Path.Combine(Path.GetDirectoryName(Repository.Path(page.Split('/')))!, target);
                (File.Exists(path) || Directory.Exists(path)).Should().BeTrue("{0} links to {1}", page, target);
            }
    }

    [GeneratedRegex("^Covers [^\n]*", RegexOptions.Multiline)]
    private static partial Regex Covers();

    [GeneratedRegex("`src/Transformer\\.Core/([A-Za-z]+)`")]
    private static partial Regex Folder();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
