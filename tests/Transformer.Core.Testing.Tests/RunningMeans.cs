using Transformer.Core.Numerics;

namespace Transformer.Core.Testing.Tests;

/// <summary>
/// The simplest sound "attention": each row becomes the mean of the rows so far, weighted by 1/2 for each step back.
/// Every fault is one change of it.
/// </summary>
internal sealed class RunningMeans(Fault fault = Fault.None) : IAttentionBlock
{
    private readonly float[] _shared = new float[4096];
    private int _calls;

    public ISequenceState CreateState(int capacity) => new Sums(fault);

    public void Forward(MatrixSpan x, MatrixSpan y, in ForwardContext context)
    {
        using WorkspaceScope scope = context.Workspace.Scope();
        Span<float> scratch = fault is Fault.SharedBuffer ? _shared : context.Workspace.Floats(x.Columns);
        if (fault is Fault.Allocates)
            scratch = new float[x.Columns];
        int calls = Interlocked.Increment(ref _calls);
        for (int i = 0; i < context.Sequences.Length; i++)
        {
            SequenceRows rows = context.Sequences[fault is Fault.MixesSequences ? 0 : i];
            Sums state = (Sums)context.State(fault is Fault.MixesSequences ? 0 : i)!;
            int count = fault is Fault.MixesSequences ? x.Rows : rows.Count;
            for (int row = rows.Start; row < rows.Start + count; row++)
            {
                x[row].CopyTo(scratch);
                if (fault is Fault.SharedBuffer && row == rows.Start)
                    Thread.Sleep(1);
                if (fault is Fault.Acausal && row + 1 < rows.Start + count)
                    for (int k = 0; k < x.Columns; k++)
                        scratch[k] += 0.01f * x[row + 1][k];
                Span<float> sums = state.Values(x.Columns);
                if (fault is Fault.SkipsItself)
                    sums.CopyTo(y[row]);
                for (int k = 0; k < x.Columns; k++)
                    sums[k] = (0.5f * sums[k]) + scratch[k];
                if (fault is not Fault.SkipsItself)
                    sums.CopyTo(y[row]);

                // As a rotary encoder would: something of the position is in the result.
                int position = fault is Fault.PositionOfThePass ? row - rows.Start : context.Positions[row];
                y[row][0] += 0.1f * (position % 7);
                if (fault is Fault.Stateful)
                    y[row][1] += calls;
                if (fault is Fault.NarrowOutput)
                    y[row][^1] = float.NaN;
                if (fault is Fault.DependsOnThreads)
                    y[row][1] *= 1 + (context.Workers.Threads * 1e-7f);
                if (fault is Fault.WritesInput)
                    x[row].Clear();
                if (fault is Fault.Nothing)
                    y[row].Clear();
                state.Length++;
            }
            if (fault is Fault.MixesSequences)
                return;
        }
    }

    private sealed class Sums(Fault fault) : ISequenceState
    {
        private float[] _values = [];
        private float[] _settledValues = [];
        private int _settled;

        public int Length { get; set; }

        public long SizeInBytes => (_values.Length + _settledValues.Length) * sizeof(float);

        public Span<float> Values(int width)
        {
            if (_values.Length == 0)
                _values = new float[width];
            return _values;
        }

        public bool CanTruncate(int length) =>
            fault is Fault.PromisesTooMuch ? length >= 0 && length <= Length : length == 0 || length == Length || (length == _settled && length < Length);

        public void Truncate(int length)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
            if (!CanTruncate(length))
                throw new NotSupportedException($"Expected 0, {_settled} or {Length}, found {length}.");
            if (length == 0 && fault is not Fault.ForgetsNothing)
                Array.Clear(_values);
            else if (length < Length && length == _settled && fault is not Fault.ForgetsNothing)
                _settledValues.CopyTo(_values, 0);
            Length = length;
            if (fault is Fault.OffByOneLength && length > 0)
                Length--;
        }

        public void Settle(int length)
        {
            if (_settledValues.Length != _values.Length)
                _settledValues = new float[_values.Length];
            _values.CopyTo(_settledValues, 0);
            _settled = length;
        }

        public ISequenceState Fork() => new Sums(fault)
        {
            Length = Length,
            _values = fault is Fault.SharesFork ? _values : [.. _values],
            _settledValues = [.. _settledValues],
            _settled = _settled,
        };

        public void Save(Stream stream)
        {
            using BinaryWriter writer = new(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            writer.Write(Length);
            writer.Write(_values.Length);
            foreach (float value in _values)
                writer.Write(fault is Fault.SavesHalf ? (float)(Half)value : value);
        }

        public void Load(Stream stream)
        {
            using BinaryReader reader = new(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            int length = reader.ReadInt32();
            float[] values = new float[reader.ReadInt32()];
            for (int i = 0; i < values.Length; i++)
                values[i] = reader.ReadSingle();
            (Length, _values, _settled) = (length, values, -1);
        }

        public void Dispose()
        {
        }
    }
}

/// <summary>What is wrong with it.</summary>
public enum Fault
{
    None,
    Acausal,
    Stateful,
    NarrowOutput,
    MixesSequences,
    Allocates,
    PositionOfThePass,
    SkipsItself,
    Nothing,
    SharedBuffer,
    DependsOnThreads,
    WritesInput,
    PromisesTooMuch,
    ForgetsNothing,
    OffByOneLength,
    SharesFork,
    SavesHalf,
}
