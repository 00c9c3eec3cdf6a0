// A process has one ActivitySource and one Meter of the library: what a test hears must be its own.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
