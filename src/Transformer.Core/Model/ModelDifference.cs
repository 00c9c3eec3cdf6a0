using System.Globalization;

namespace Transformer.Core;

/// <summary>What a changed model has that its original has not, in lines for people.</summary>
internal static class ModelDifference
{
    /// <summary>Compares part by part; a layer with the layer of the original whose place in the checkpoint it has.</summary>
    public static IReadOnlyList<string> Between(ModelDescription? original, IReadOnlyList<ComponentDescription> components, IReadOnlyList<LayerPlace> places)
    {
        if (original is null)
            return ["the original does not fit these sizes or weights"];
        List<string> lines = [];
        string order = Ranges(places.Select(place => IsInserted(place) ? "new" : place.Source.ToString(CultureInfo.InvariantCulture)));
        string before = Ranges(original.Places.Select(place => place.Source.ToString(CultureInfo.InvariantCulture)));
        if (order != before)
            lines.Add($"layers: {order} (were {before})");

        foreach (ComponentDescription component in components.Where(component => component.Layer < 0))
            if (Change(original.Components.First(other => other.Path == component.Path), component) is { } change)
                lines.Add($"{component.Path}: {change}");
        lines.AddRange(OfLayers(original, components, places));
        return lines;
    }

    private static bool IsInserted(LayerPlace place) => place.Path.StartsWith("model.inserted.", StringComparison.Ordinal);

    private static IEnumerable<string> OfLayers(ModelDescription original, IReadOnlyList<ComponentDescription> components, IReadOnlyList<LayerPlace> places)
    {
        // Layers changed alike stand in one line.
        List<(string Change, List<int> Layers)> found = [];
        ILookup<int, ComponentDescription> partsOf = components.ToLookup(component => component.Layer);
        ILookup<int, ComponentDescription> partsBefore = original.Components.ToLookup(component => component.Layer);
        for (int layer = 0; layer < places.Count; layer++)
        {
            LayerPlace place = places[layer];
            if (IsInserted(place) || place.Source >= original.Places.Count)
                continue;
            LayerPlace before = original.Places[place.Source];
            if (place.Weights is not null)
                Note($"weights of {place.Weights.Origin}", layer);
            if (place.Recipe.Layout.Name != before.Recipe.Layout.Name)
                Note($"layout: {before.Recipe.Layout.Name} -> {place.Recipe.Layout.Name}", layer);
            Dictionary<string, ComponentDescription> known = partsBefore[place.Source].ToDictionary(part => part.Role);
            foreach (ComponentDescription part in partsOf[layer])
            {
                if (!known.Remove(part.Role, out ComponentDescription? other))
                    Note($"{part.Role}: {part.Name} (was none)", layer);
                else if (Change(other, part) is { } change)
                    Note($"{part.Role}: {change}", layer);
            }
            foreach (ComponentDescription gone in known.Values)
                Note($"{gone.Role}: none (was {gone.Name})", layer);
        }
        return found.Select(entry => $"{(entry.Layers.Count == 1 ? "layer" : "layers")} {Ranges(entry.Layers.Select(layer => layer.ToString(CultureInfo.InvariantCulture)))}, {entry.Change}");

        void Note(string change, int layer)
        {
            int index = found.FindIndex(entry => entry.Change == change);
            if (index < 0)
                found.Add((change, [layer]));
            else
                found[index].Layers.Add(layer);
        }
    }

    private static string? Change(ComponentDescription before, ComponentDescription after) =>
        Equals(before.Factory, after.Factory) ? null
        : before.Name != after.Name ? $"{before.Name} -> {after.Name}"
        : $"{after.Name}, made differently";

    /// <summary>0, 1, 2, 2, 3 as 0-2, 2-3.</summary>
    private static string Ranges(IEnumerable<string> layers)
    {
        List<(string First, string Last)> ranges = [];
        foreach (string layer in layers)
        {
            if (ranges.Count > 0 && int.TryParse(ranges[^1].Last, out int last) && int.TryParse(layer, out int next) && next == last + 1)
                ranges[^1] = (ranges[^1].First, layer);
            else
                ranges.Add((layer, layer));
        }
        return string.Join(", ", ranges.Select(range => range.First == range.Last ? range.First : $"{range.First}-{range.Last}"));
    }
}
