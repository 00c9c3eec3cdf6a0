namespace Transformer.Core.Testing;

/// <summary>The checks of a kernel beside its scalar twin.</summary>
internal static class KernelConformance
{
    private const int Margin = 8;
    private const float Mark = 12345.678f;

    private static readonly int[] Lengths = [.. Enumerable.Range(0, 71), 127, 128, 129, 1000];

    public static void Check(VectorOperation kernel, VectorOperation twin, Subject subject)
    {
        subject.Check(ConformanceRules.ScalarTwin, () =>
        {
            foreach (int length in Lengths)
            {
                Rows x = Rows.Random(length + 1, 1, length);
                Rows expected = new(1, length);
                twin(x[0], expected[0]);
                Rows first = Run(kernel, subject, x, 0);
                subject.RequireClose(ConformanceRules.ScalarTwin, expected, first, "by the scalar twin", $"by the kernel at length {length}", "the rest of a length that is no multiple of the vector's, or another order of additions (set Tolerance).");

                // Vector loops must not begin where the memory happens to be aligned: results would depend on it.
                for (int offset = 1; offset < 4; offset++)
                    subject.RequireEqual(ConformanceRules.ScalarTwin, first, Run(kernel, subject, x, offset), "at one alignment", $"at another, length {length}", "a scalar loop up to the next aligned address.");
            }
        });
        subject.Check(ConformanceRules.TwoThreads, () => Concurrently.Check(subject, () => Run(kernel, subject, Rows.Random(1, 1, 1000), 0), () => Run(kernel, subject, Rows.Random(2, 1, 1000), 0)));
        subject.Check(ConformanceRules.Allocation, () =>
        {
            float[] x = Rows.Random(1, 1, 100)[0].ToArray(), y = new float[100];
            Allocations.Check(subject, _ => kernel(x, y));
        });
    }

    private static Rows Run(VectorOperation kernel, Subject subject, Rows x, int offset)
    {
        float[] input = new float[offset + x.Width];
        x[0].CopyTo(input.AsSpan(offset));
        float[] output = new float[offset + x.Width + Margin];
        Array.Fill(output, Mark);
        kernel(input.AsSpan(offset), output.AsSpan(offset, x.Width));
        if (output.AsSpan(0, offset).ContainsAnyExcept(Mark) || output.AsSpan(offset + x.Width).ContainsAnyExcept(Mark))
            throw subject.Failure(ConformanceRules.ScalarTwin, $"at length {x.Width} it wrote outside its output.", "whole vectors stored past the end.");
        Rows y = new(1, x.Width);
        output.AsSpan(offset, x.Width).CopyTo(y[0]);
        return y;
    }
}
