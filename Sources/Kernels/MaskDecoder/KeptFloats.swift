internal import KernelABI

/// Numbers that a forward pass leaves for the way back, tile by tile: as they are, or rounded to bfloat16 in half the
/// memory.
///
/// `@unchecked Sendable`: tasks read and write disjoint runs.
package struct KeptFloats: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let isWhole: Bool

    /// - Parameters:
    ///   - memory: of ``floats(for:_:)`` floats.
    ///   - format: `float32` or `bfloat16`.
    package init(_ memory: UnsafeMutablePointer<Float>, _ format: ElementFormat) {
        precondition(format != .float16, "half precision has not the range for whatever is kept")
        base = UnsafeMutableRawPointer(memory)
        isWhole = format == .float32
    }

    /// Floats of memory that so many numbers take.
    package static func floats(for count: Int, _ format: ElementFormat) -> Int {
        format == .float32 ? count : (count + 1) / 2
    }

    /// Where a run of numbers is to be written before ``store(_:at:count:_:)``: at its own place, or else in `scratch`.
    func place(_ offset: Int, scratch: UnsafeMutablePointer<Float>) -> UnsafeMutablePointer<Float> {
        isWhole ? base.assumingMemoryBound(to: Float.self) + offset : scratch
    }

    /// Takes over a run of numbers from where ``place(_:scratch:)`` had them written.
    func store(_ floats: UnsafePointer<Float>, at offset: Int, count: Int, _ conversions: ConversionKernels) {
        if isWhole { return }
        conversions.toBFloat16(floats, base.assumingMemoryBound(to: UInt16.self) + offset, count)
    }

    /// A run of numbers: at its own place, or widened in `scratch`.
    func load(
        _ offset: Int, count: Int, into scratch: UnsafeMutablePointer<Float>, _ conversions: ConversionKernels
    ) -> UnsafeMutablePointer<Float> {
        if isWhole { return base.assumingMemoryBound(to: Float.self) + offset }
        conversions.fromBFloat16(base.assumingMemoryBound(to: UInt16.self) + offset, scratch, count)
        return scratch
    }
}
