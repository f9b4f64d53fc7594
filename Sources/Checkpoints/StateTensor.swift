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

    /// Gives back the memory of a mapped file's pages, which are read again when they are asked for.
    package func releasePages() {
        if case .mapped(let file, let range) = storage { file.discard(range) }
    }

    /// Asks the kernel to read the tensor from the disk while other work goes on.
    package func prefetch() {
        if case .mapped(let file, let range) = storage { file.prefetch(range) }
    }

    /// Elements that one task copies out of a mapped file.
    private static let copyGrain = 1 << 18

    /// Writes the elements as float32 to `destination`, which must have room for exactly them.
    ///
    /// A mapped file's pages are given back as they are copied, so that a model takes no more memory than its parameters.
    package func copyFloats(to destination: UnsafeMutableBufferPointer<Float>) {
        guard case .mapped(let file, let range) = storage else {
            return withBytes { scalarType.convert($0, to: destination) }
        }
        precondition(
            destination.count == elementCount, "\(destination.count) floats are not the tensor's \(elementCount)")
        guard let base = destination.baseAddress else { return }
        prefetch()
        let target = SharedBuffer(base, count: destination.count)
        let type = scalarType
        Workers.forEachChunk(of: destination.count, grain: Self.copyGrain) { elements, _ in
            let start = range.lowerBound + elements.lowerBound * type.byteCount
            let source = start..<start + elements.count * type.byteCount
            type.convert(
                UnsafeRawBufferPointer(rebasing: file.bytes[source]),
                to: UnsafeMutableBufferPointer(start: target.base + elements.lowerBound, count: elements.count))
            file.discard(source)
        }
        withExtendedLifetime(file) {}
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
