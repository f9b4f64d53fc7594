package import Kernels

/// Tensors as the bytes of files: little-endian numbers, row-major, as this machine keeps them.
extension Tensor {
    /// The elements' bytes in a format; what is too large for `float16` becomes its largest number.
    package func bytes(_ format: ElementFormat) -> [UInt8] {
        if format == .float32 { return withUnsafeBuffer { Array(UnsafeRawBufferPointer($0)) } }
        return HalfTensor(self, format: format, saturates: true).bytes
    }

    /// The elements that bytes hold.
    ///
    /// - Parameters:
    ///   - bytes: as many as `shape` and `format` ask for.
    ///   - shape: of the tensor.
    ///   - format: of the bytes.
    package init(bytes: UnsafeRawBufferPointer, shape: [Int], format: ElementFormat) {
        let count = shape.reduce(1, *)
        precondition(
            bytes.count == count * format.size, "\(bytes.count) bytes are no \(format) tensor of shape \(shape)")
        guard format == .float32 else {
            self = HalfTensor(bytes: bytes, shape: shape, format: format).tensor
            return
        }
        self.init(shape: shape) { elements in
            UnsafeMutableRawBufferPointer(start: elements, count: bytes.count).copyMemory(from: bytes)
        }
    }
}

extension HalfTensor {
    /// The numbers' bytes, two each.
    fileprivate var bytes: [UInt8] {
        withExtendedLifetime(storage) {
            Array(UnsafeRawBufferPointer(start: storage.base, count: shape.reduce(1, *) * format.size))
        }
    }

    fileprivate init(bytes: UnsafeRawBufferPointer, shape: [Int], format: ElementFormat) {
        let storage = Storage(uninitialized: (shape.reduce(1, *) + 1) / 2)
        UnsafeMutableRawBufferPointer(start: storage.base, count: bytes.count).copyMemory(from: bytes)
        self.init(shape: shape, format: format, storage: storage)
    }
}
