using System.Globalization;
using System.Text;

namespace Transformer.Core.Extensions.AI.Jinja;

/// <summary>
/// The filter <c>tojson</c> as Hugging Face defines it for chat templates: Python's <c>json.dumps</c> with
/// <c>ensure_ascii</c> off, so nothing is escaped for HTML and keys keep their order.
/// </summary>
internal static class JsonText
{
    /// <summary><c>tojson(ensure_ascii, indent, separators, sort_keys)</c>.</summary>
    public static object Apply(Execution run, object? value, CallArguments given)
    {
        Writer writer = new(run)
        {
            Escapes = given.TryGet(0, "ensure_ascii", out object? first) && Operations.IsTrue(first),
            Indent = !given.TryGet(1, "indent", out object? second) || second is null ? null
                : second is MarkedText text ? text.Text
                : Operations.Number(second) is long width and <= 100 ? new string(' ', (int)Math.Max(width, 0))
                : throw run.Error("tojson: expected an indent of at most 100."),
            SortsKeys = given.TryGet(3, "sort_keys", out object? fourth) && Operations.IsTrue(fourth),
        };
        if (given.TryGet(2, "separators", out object? third) && third is not null)
        {
            IReadOnlyList<object?> pair = Operations.Iterate(run, third);
            if (pair.Count != 2)
                throw run.Error("tojson: expected two separators.");
            writer.Comma = PythonText.Str(run, pair[0]).Text;
            writer.Colon = PythonText.Str(run, pair[1]).Text;
        }
        else if (writer.Indent is not null)
            writer.Comma = ",";
        writer.Write(value, 0);
        return writer.Builder.ToText();
    }

    private sealed class Writer(Execution run)
    {
        public MarkedTextBuilder Builder { get; } = run.NewText();

        public bool Escapes { get; init; }

        public bool SortsKeys { get; init; }

        public string? Indent { get; init; }

        public string Comma { get; set; } = ", ";

        public string Colon { get; set; } = ": ";

        public void Write(object? value, int depth)
        {
            run.Charge(1);
            run.CheckDepth(depth);
            switch (value)
            {
                case MarkedText text:
                    WriteText(text);
                    break;
                case JinjaList list:
                    Open("[", list.Items.Count);
                    for (int i = 0; i < list.Items.Count; i++)
                    {
                        Separate(i, depth);
                        Write(list.Items[i], depth + 1);
                    }
                    Close("]", list.Items.Count, depth);
                    break;
                case JinjaMap map:
                    Open("{", map.Count);
                    int entry = 0;
                    foreach ((object? key, object? item) in Entries(map))
                    {
                        Separate(entry++, depth);
                        WriteText(key as MarkedText ?? MarkedText.Data(Scalar(key)));
                        Builder.Append(Colon, false);
                        Write(item, depth + 1);
                    }
                    Close("}", map.Count, depth);
                    break;
                default:
                    Builder.Append(Scalar(value), false);
                    break;
            }
        }

        private IEnumerable<(object? Key, object? Value)> Entries(JinjaMap map) =>
            SortsKeys ? map.Entries.OrderBy(entry => entry.Key, Comparer<object?>.Create((left, right) => Operations.Order(run, left, right))) : map.Entries;

        private void Open(string bracket, int count) => Builder.Append(bracket, false);

        private void Separate(int index, int depth)
        {
            if (index > 0)
                Builder.Append(Comma, false);
            if (Indent is not null)
                BreakLine(depth + 1);
        }

        private void Close(string bracket, int count, int depth)
        {
            if (Indent is not null && count > 0)
                BreakLine(depth);
            Builder.Append(bracket, false);
        }

        private void BreakLine(int depth)
        {
            Builder.Append("\n", false);
            for (int i = 0; i < depth; i++)
                Builder.Append(Indent, false);
        }

        private string Scalar(object? value) => value switch
        {
            null => "null",
            bool flag => flag ? "true" : "false",
            long number => number.ToString(CultureInfo.InvariantCulture),
            double number when double.IsNaN(number) => "NaN",
            double number when double.IsInfinity(number) => number > 0 ? "Infinity" : "-Infinity",
            double number => PythonText.Float(number),
            _ => throw run.Error($"tojson: {Operations.TypeName(value)} has no JSON."),
        };

        private void WriteText(MarkedText text)
        {
            Builder.Append("\"", false);
            foreach (TextPart part in text.Parts)
            {
                StringBuilder escaped = new(part.Text.Length);
                foreach (char c in part.Text)
                    escaped.Append(Escaped(c));
                Builder.Append(escaped.ToString(), part.IsTemplate);
            }
            Builder.Append("\"", false);
        }

        private string Escaped(char c) => c switch
        {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            '\b' => "\\b",
            '\f' => "\\f",
            < ' ' => $"\\u{(int)c:x4}",
            > '~' when Escapes => $"\\u{(int)c:x4}",
            _ => c.ToString(),
        };
    }
}
