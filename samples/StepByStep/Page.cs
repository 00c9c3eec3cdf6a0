using System.Globalization;

namespace StepByStep;

/// <summary>How the walk looks: plain text, the same on a terminal and in a file.</summary>
internal static class Page
{
    private const int ShownValues = 6;

    public static void Step(int number, string title) => Heading($"Step {number}: {title}");

    public static void Heading(string title)
    {
        Console.WriteLine();
        Console.WriteLine(title);
        Console.WriteLine(new string('─', 80));
    }

    public static void Text(string text)
    {
        Console.WriteLine(text);
        Console.WriteLine();
    }

    /// <summary>A point with the beginning of every token's row. Pieces stand last: how wide they are depends on the font.</summary>
    public static void Rows(Recorded point, string[] pieces)
    {
        Console.WriteLine($"  {point.Name}  {Shape(point)}");
        for (int row = 0; row < point.Rows; row++)
            Console.WriteLine($"  {row,8}  {Glimpse(point.Row(row))}  {pieces[row]}");
    }

    /// <summary>A line a point, with the beginning of one of its rows.</summary>
    public static void Points(IEnumerable<Recorded> points, Func<Recorded, int> rowOf)
    {
        foreach (Recorded point in points)
            Console.WriteLine($"  {point.Name,-26}  {Shape(point),-10}  row {rowOf(point),2}: {Glimpse(point.Row(rowOf(point)))}");
    }

    private static string Shape(Recorded point) => $"[{point.Rows}, {point.Columns}]";

    private static string Glimpse(ReadOnlySpan<float> row)
    {
        string text = "";
        foreach (float value in row[..Math.Min(row.Length, ShownValues)])
            text += value.ToString("F3", CultureInfo.InvariantCulture).PadLeft(8);
        return row.Length > ShownValues ? text + " ..." : text;
    }
}
