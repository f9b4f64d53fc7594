internal import ArgumentParser
internal import Training

/// `f32`, `bf16` or `f16` on the command line.
extension Precision: ExpressibleByArgument {}
