using Transformer.Core.Numerics;

namespace Transformer.Core.Tests.Numerics;

public class MatrixSpanTests
{
    private static float[] Counting(int length) => [.. Enumerable.Range(0, length).Select(i => (float)i)];

    [Fact]
    public void Rows_follow_one_another()
    {
        MatrixSpan matrix = new(Counting(7), 2, 3);
        (matrix.Rows, matrix.Columns, matrix.Stride, matrix.IsDense).Should().Be((2, 3, 3, true));
        matrix.Data.Length.Should().Be(6);
        matrix[0].ToArray().Should().Equal(0, 1, 2);
        matrix[1].ToArray().Should().Equal(3, 4, 5);
    }

    [Fact]
    public void Rows_may_lie_further_apart()
    {
        MatrixSpan matrix = new(Counting(12), 3, 2, 5);
        matrix.IsDense.Should().BeFalse();
        matrix.Data.Length.Should().Be(12);
        matrix[2].ToArray().Should().Equal(10, 11);
    }

    [Fact]
    public void Columns_are_a_matrix_in_the_same_memory()
    {
        float[] data = Counting(12);
        MatrixSpan columns = new MatrixSpan(data, 3, 4).ColumnRange(1, 2);
        (columns.Rows, columns.Columns, columns.Stride, columns.IsDense).Should().Be((3, 2, 4, false));
        columns[2].ToArray().Should().Equal(9, 10);
        columns[1][0] = -1;
        data[5].Should().Be(-1);
        columns.ColumnRange(2, 0).Columns.Should().Be(0);
    }

    [Fact]
    public void Rows_are_a_matrix_in_the_same_memory()
    {
        MatrixSpan rows = new MatrixSpan(Counting(12), 4, 3).RowRange(1, 2);
        rows.Rows.Should().Be(2);
        rows[1].ToArray().Should().Equal(6, 7, 8);
        rows.RowRange(2, 0).Rows.Should().Be(0);
        rows.RowRange(1, 1).ColumnRange(2, 1)[0].ToArray().Should().Equal(8);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void There_is_no_other_row(int row) =>
        FluentActions.Invoking(() => new MatrixSpan(new float[6], 2, 3)[row][0] = 1).Should().Throw<ArgumentOutOfRangeException>();

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, 4)]
    [InlineData(3, 1)]
    [InlineData(2, int.MaxValue)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(int.MaxValue, int.MaxValue)]
    public void There_are_no_other_rows_or_columns(int start, int count)
    {
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[9], 3, 3).RowRange(start, count).Rows; }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[9], 3, 3).ColumnRange(start, count).Rows; }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Memory_that_is_too_short_is_refused()
    {
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[5], 2, 3).Rows; }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[7], 2, 3, 5).Rows; }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[9], 2, 3, 2).Rows; }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[9], -1, 3).Rows; }).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => { _ = new MatrixSpan(new float[9], 65536, 65536).Rows; }).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void An_empty_matrix_is_allowed()
    {
        MatrixSpan none = new(default, 0, 5);
        none.RowRange(0, 0).Rows.Should().Be(0);
        none.ColumnRange(1, 3).Columns.Should().Be(3);
        new MatrixSpan(default, 3, 0)[2].Length.Should().Be(0);
        default(MatrixSpan).Rows.Should().Be(0);
    }

    [Fact]
    public void Copies_between_strides_and_leaves_the_gaps()
    {
        float[] target = new float[10];
        new MatrixSpan(Counting(6), 2, 3).CopyTo(new MatrixSpan(target, 2, 3, 6));
        target.Should().Equal(0, 1, 2, 0, 0, 0, 3, 4, 5, 0);
        float[] dense = new float[6];
        new MatrixSpan(target, 2, 3, 6).CopyTo(new MatrixSpan(dense, 2, 3));
        dense.Should().Equal(Counting(6));
        FluentActions.Invoking(() => new MatrixSpan(new float[6], 2, 3).CopyTo(new MatrixSpan(new float[6], 3, 2))).Should().Throw<ArgumentException>();
    }
}
