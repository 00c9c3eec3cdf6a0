using System.Text;
using Transformer.Core.Snippets;

// The code of docs/: every region is a block of a page. Runs one, or all.
Console.OutputEncoding = Encoding.UTF8;
Environment.CurrentDirectory = AppContext.BaseDirectory;
if (args is ["web", ..])
{
    GettingStarted.Web(args[1..]);
    return;
}
foreach ((string name, Func<Task> run) in Snippet.All)
{
    if (args.Length > 0 && args[0] != name)
        continue;
    Console.WriteLine($"--- {name}");
    await run();
}
