package import Runtime
package import Tensors

/// One tensor of a checkpoint: shape, element type and bytes, which may still lie in a mapped file.
package struct StateTensor: Sendable {
    /// Where the bytes are.
    private enum Storage: Sendable {
        case mapped(MappedFile, Range<Int>)
        case owned([UInt8])
        case tensor(Tensor)
    }

    /// Lengths of the axes, row-major; empty for a scalar.
    package let shape: [Int]
    package let scalarType: ScalarType
    private let storage: Storage

    /// Number of elements: the product of the shape.
    package var elementCount: Int { shape.reduce(1, *) }
    /// Number of stored bytes.
    package var byteCount: Int { elementCount * scalarType.byteCount }

    /// A tensor inside a mapped file.
    ///
    /// - Parameter range: the tensor's bytes, which must fit shape and type and lie in the file.
    package init(shape: [Int], scalarType: ScalarType, file: MappedFile, range: Range<Int>) {
        self.shape = shape
        self.scalarType = scalarType
        storage = .mapped(file, range)
        precondition(
            range.count == byteCount && range.lowerBound >= 0 && range.upperBound <= file.bytes.count,
            "bytes \(range) of \(file.bytes.count) do not hold \(scalarType.rawValue) of shape \(shape)")
    }

    /// A tensor with bytes of its own, little-endian and row-major.
    package init(shape: [Int], scalarType: ScalarType, bytes: [UInt8]) {
        self.shape = shape
        self.scalarType = scalarType
        storage = .owned(bytes)
        precondition(
            bytes.count == byteCount, "\(bytes.count) bytes do not hold \(scalarType.rawValue) of shape \(shape)")
    }

    /// The values of a tensor as float32; shared, not copied.
    package init(_ tensor: Tensor) {
        shape = tensor.shape
        scalarType = .float32
        storage = .tensor(tensor.detached)
    }

    /// A float32 tensor.
    package init(shape: [Int], values: [Float]) { self.init(Tensor(values, shape: shape)) }

    /// Runs `body` on the stored bytes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch storage {
        case .mapped(let file, let range):
            // `MappedFile.withBytes` throws typed errors only, which `rethrows` cannot carry.
            defer { withExtendedLifetime(file) {} }
            return try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
        case .owned(let array): return try array.withUnsafeBytes(body)
        case .tensor(let tensor): return try tensor.withUnsafeBuffer { try body(UnsafeRawBufferPointer($0)) }
        }
    }

    /// Writes the elements as float32 to `destination`, which must have room for exactly them.
    package func copyFloats(to destination: UnsafeMutableBufferPointer<Float>) {
        withBytes { scalarType.convert($0, to: destination) }
    }

    /// The elements as a float32 tensor.
    package func tensor() -> Tensor {
        if case .tensor(let tensor) = storage { return tensor }
        return Tensor(shape: shape) { elements in
            copyFloats(to: UnsafeMutableBufferPointer(start: elements, count: elementCount))
        }
    }

    /// The elements as float32.
    package func floats() -> [Float] {
        [Float](unsafeUninitializedCapacity: elementCount) { buffer, count in
            count = elementCount
            copyFloats(to: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
