using Transformer.Core.Numerics.Formats;

namespace Transformer.Core.Tests.Numerics.Formats;

[Trait("Category", "Kernels")]
public class Q4_1Tests : GroupedFormatTests<Q4_1>
{
    protected override double Precision => 1.0 / 14;
}

[Trait("Category", "Kernels")]
public class Q5_0Tests : GroupedFormatTests<Q5_0>
{
    protected override double Precision => (1.0 / 16) + (1.0 / 1024);
}

[Trait("Category", "Kernels")]
public class Q5_1Tests : GroupedFormatTests<Q5_1>
{
    protected override double Precision => 1.0 / 30;
}

[Trait("Category", "Kernels")]
public class Q2_KTests : GroupedFormatTests<Q2_K>
{
    protected override double Precision => 0.5;
}

[Trait("Category", "Kernels")]
public class Q3_KTests : GroupedFormatTests<Q3_K>
{
    protected override double Precision => 0.3;
}

[Trait("Category", "Kernels")]
public class Q4_KTests : GroupedFormatTests<Q4_K>
{
    protected override double Precision => 0.12;
}

[Trait("Category", "Kernels")]
public class Q5_KTests : GroupedFormatTests<Q5_K>
{
    protected override double Precision => 0.06;
}

[Trait("Category", "Kernels")]
public class Q6_KTests : GroupedFormatTests<Q6_K>
{
    protected override double Precision => 0.03;
}

[Trait("Category", "Kernels")]
public class IQ4_NLTests : GroupedFormatTests<IQ4_NL>
{
    protected override double Precision => 0.15;
}

[Trait("Category", "Kernels")]
public class IQ4_XSTests : GroupedFormatTests<IQ4_XS>
{
    protected override double Precision => 0.15;
}

[Trait("Category", "Kernels")]
public class TQ1_0Tests : GroupedFormatTests<TQ1_0>
{
    protected override double Precision => 0.51;
}

[Trait("Category", "Kernels")]
public class TQ2_0Tests : GroupedFormatTests<TQ2_0>
{
    protected override double Precision => 0.51;
}

[Trait("Category", "Kernels")]
public class MXFP4Tests : GroupedFormatTests<MXFP4>
{
    protected override double Precision => 0.34;
}
