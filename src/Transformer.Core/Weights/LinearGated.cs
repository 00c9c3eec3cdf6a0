using Transformer.Core.Numerics;
using Transformer.Core.Numerics.Gemm;
using Transformer.Core.Numerics.Kernels;
using Transformer.Core.Numerics.Quantization;

namespace Transformer.Core.Weights;

/// <content>The gated form, which joins two outputs while they are in the nearest caches.</content>
public sealed partial class Linear
{
    /// <summary>y = gate(x·W₀ᵀ + b₀, x·W₁ᵀ + b₁), of a map of two matrices of one shape; neither product is ever whole in memory.</summary>
    /// <param name="x">[tokens, Inputs].</param>
    /// <param name="y">[tokens, Outputs / 2]; must not overlap x.</param>
    /// <param name="gate">How the two are joined.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    /// <exception cref="ArgumentException">A matrix has another shape.</exception>
    internal void ForwardGated<TGate>(MatrixSpan x, MatrixSpan y, TGate gate, in ComputeContext compute)
        where TGate : struct, IGate
    {
        int width = Outputs / 2;
        if (_parts.Length != 2 || _parts[0].Rows != width || x.Columns != Inputs || y.Columns != width || x.Rows != y.Rows)
            throw new ArgumentException($"Expected two matrices of one shape, x [n, {Inputs}] and y [n, {width}], found {_parts.Length} matrices, [{x.Rows}, {x.Columns}] and [{y.Rows}, {y.Columns}].");
        if (x.Rows == 0)
            return;

        using WorkspaceScope scope = compute.Workspace.Scope();
        JoinBlocks(x, y, default, gate, compute);
    }

    /// <summary>y = next(gate(x·W₀ᵀ + b₀, x·W₁ᵀ + b₁)). Of many tokens what stands between the two maps never becomes rows, if both compute with floats.</summary>
    /// <param name="x">[tokens, Inputs].</param>
    /// <param name="gate">How the two are joined.</param>
    /// <param name="next">The map of Outputs / 2 inputs.</param>
    /// <param name="y">[tokens, outputs of next]; must not overlap x.</param>
    /// <param name="compute">Threads and scratch memory.</param>
    /// <exception cref="ArgumentException">A matrix has another shape.</exception>
    internal void ForwardGated<TGate>(MatrixSpan x, TGate gate, Linear next, MatrixSpan y, in ComputeContext compute)
        where TGate : struct, IGate
    {
        int width = Outputs / 2;
        using WorkspaceScope scope = compute.Workspace.Scope();
        if (!TakesFloatPanels(x.Rows) || !next.TakesFloatPanels(x.Rows))
        {
            MatrixSpan joined = compute.Workspace.Matrix(x.Rows, width);
            ForwardGated(x, joined, gate, compute);
            next.Forward(joined, y, compute);
            return;
        }
        if (_parts.Length != 2 || _parts[0].Rows != width || x.Columns != Inputs || next.Inputs != width || y.Columns != next.Outputs || x.Rows != y.Rows)
            throw new ArgumentException($"Expected two matrices of one shape, x [n, {Inputs}], {width} inputs of the next map and y [n, {next.Outputs}], found {_parts.Length} matrices, [{x.Rows}, {x.Columns}], {next.Inputs} and [{y.Rows}, {y.Columns}].");
        TokenPanels panels = TokenPanels.Create(x.Rows, width, compute);
        JoinBlocks(x, y, panels, gate, compute);
        next.MultiplyBlocks(new LinearInput(panels), y, next.Split(x.Rows).Blocks, compute);
    }

    private bool TakesFloatPanels(int tokens)
    {
        foreach (WeightMatrix part in _parts)
        {
            if (part.Activations != ActivationForm.Float || !part.TakesPanels(tokens))
                return false;
        }
        return true;
    }

    /// <summary>Into y, or into panels if there are any.</summary>
    private void JoinBlocks<TGate>(MatrixSpan x, MatrixSpan y, TokenPanels panels, TGate gate, in ComputeContext compute)
        where TGate : struct, IGate
    {
        int width = Outputs / 2;
        GatedRegion<TGate> region = new()
        {
            Parts = _parts,
            Bias = _bias,
            Gate = gate,
            X = new LinearInput(x, _parts, compute),
            Y = y,
            Joined = panels,
            Width = width,
            Up = panels.Columns > 0 ? default : compute.Workspace.Matrix(x.Rows, width),
            Scratch = compute.Workspace.Matrix(compute.Workers.Threads, _parts[0].ScratchLength(x.Rows) + _parts[1].ScratchLength(x.Rows)),
        };
        compute.Workers.Run(region, Blocks(_parts[0]), x.Rows == 1 ? (int)Math.Clamp(SmallestShare / 2 / ((long)Inputs * WeightMatrix.RowBlock), 1, Blocks(_parts[0])) : 1);
    }

    /// <summary>Item i is block i of rows of both matrices.</summary>
    private ref struct GatedRegion<TGate> : IParallelWork
        where TGate : struct, IGate
    {
        public WeightMatrix[] Parts;
        public float[]? Bias;
        public TGate Gate;
        public LinearInput X;
        public MatrixSpan Y;
        public TokenPanels Joined;
        public int Width;
        public MatrixSpan Up;
        public MatrixSpan Scratch;

        public readonly void Execute(int start, int end, int worker)
        {
            bool panels = Parts[0].TakesPanels(Y.Rows);
            if (panels && Parts[1].TakesPanels(Y.Rows))
            {
                for (int block = start; block < end; block++)
                    Panels(block * WeightMatrix.RowBlock, Math.Min((block + 1) * WeightMatrix.RowBlock, Width), Scratch[worker]);
                return;
            }
            int first = start * WeightMatrix.RowBlock;
            int last = Math.Min(end * WeightMatrix.RowBlock, Width);
            Rows(0, Y, first, last, Scratch[worker]);
            Rows(1, Up, first, last, Scratch[worker]);
            for (int token = 0; token < Y.Rows; token++)
                Gate.Apply(Y[token][first..last], Up[token][first..last]);
        }

        private readonly void Panels(int first, int last, Span<float> scratch)
        {
            int length = Parts[0].ScratchLength(Y.Rows);
            MatrixSpan gate = Parts[0].MultiplyPanels(X, first, last, scratch[..length]);
            MatrixSpan up = Parts[1].MultiplyPanels(X, first, last, scratch[length..]);
            for (int row = 0; Bias is not null && row < gate.Rows; row++)
            {
                Shift(gate[row], Bias[first + row]);
                Shift(up[row], Bias[Width + first + row]);
            }

            // Parts of different formats may be filled up to different numbers of tokens.
            if (gate.Columns == up.Columns)
                Gate.Apply(gate.Data[..(gate.Rows * gate.Columns)], up.Data[..(gate.Rows * gate.Columns)]);
            else
                for (int row = 0; row < gate.Rows; row++)
                    Gate.Apply(gate[row][..Y.Rows], up[row][..Y.Rows]);
            if (Joined.Columns > 0)
                Joined.Write(first, gate);
            else
                Transpose.Compute(gate, Y.ColumnRange(first, last - first));
        }

        /// <summary>One of the two matrices alone, for few tokens or where the two do not agree on what is few.</summary>
        private readonly void Rows(int part, MatrixSpan y, int first, int last, Span<float> scratch)
        {
            if (Parts[part].TakesPanels(y.Rows))
            {
                for (int row = first; row < last; row += WeightMatrix.RowBlock)
                    Transpose.Compute(Parts[part].MultiplyPanels(X, row, Math.Min(row + WeightMatrix.RowBlock, last), scratch), y.ColumnRange(row, Math.Min(WeightMatrix.RowBlock, last - row)));
            }
            else
                Parts[part].MultiplyRows(X, y.ColumnRange(first, last - first), first, last);
            for (int token = 0; Bias is not null && token < y.Rows; token++)
                Add.Compute(Bias.AsSpan((part * Width) + first, last - first), y[token][first..last]);
        }

        private static void Shift(Span<float> values, float amount)
        {
            foreach (ref float value in values)
                value += amount;
        }
    }
}
