using Spectre.Console;

namespace Transformer.Core.Tool.Output;

/// <summary>A table for people on a terminal; lines of tab-separated values for a file or another program.</summary>
/// <param name="headers">The columns; one that begins with '>' is aligned to the right.</param>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    public TextTable Add(params string[] cells)
    {
        _rows.Add(cells);
        return this;
    }

    public void Write()
    {
        if (Console.IsOutputRedirected)
        {
            Console.WriteLine(string.Join('\t', headers.Select(header => header.TrimStart('>'))));
            foreach (string[] row in _rows)
                Console.WriteLine(string.Join('\t', row.Select(cell => cell.Replace('\t', ' '))));
            return;
        }
        Table table = new() { Border = TableBorder.Simple };
        foreach (string header in headers)
        {
            TableColumn column = new(new Text(header.TrimStart('>')));
            table.AddColumn(header.StartsWith('>') ? column.RightAligned() : column);
        }
        foreach (string[] row in _rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Write(table);
    }
}
