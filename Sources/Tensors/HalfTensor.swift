internal import KernelABI
package import Kernels

/// A tensor's elements in 16 bits each, rounded to the nearest; sums over them are made in Float.
package struct HalfTensor: Sendable {
    package let shape: [Int]
    package let format: ElementFormat
    private let count: Int
    /// Two numbers in the place of a float.
    let storage: Storage

    /// Rounds a tensor's elements.
    ///
    /// - Parameters:
    ///   - tensor: the elements.
    ///   - format: `bfloat16` or `float16`.
    ///   - saturates: whether what is too large for `float16` becomes its largest number instead of infinite.
    package init(_ tensor: Tensor, format: ElementFormat, saturates: Bool = false) {
        precondition(format.size == 2, "\(format) does not take 16 bits")
        self.init(shape: tensor.shape, format: format, storage: Storage(uninitialized: (tensor.count + 1) / 2))
        if storage.isSimulated { return }
        let kernels = Kernels.table.conversions
        let kernel = format == .bfloat16 ? kernels.toBFloat16 : kernels.toFloat16
        let target = numbers
        // What is computed again on the way back is counted then.
        let isCounted = GradientRecording.isOn
        ElementLoop.forEach(count) { range in
            kernel(tensor.base + range.lowerBound, target + range.lowerBound, range.count)
            guard saturates && format == .float16 else { return }
            // The number before infinity, of either sign.
            var saturated = 0
            for index in range where target[index] & 0x7fff == 0x7c00 {
                target[index] -= 1
                saturated += 1
            }
            if saturated > 0 && isCounted { SavedActivations.noteSaturation(of: saturated) }
        }
    }

    init(shape: [Int], format: ElementFormat, storage: Storage) {
        self.shape = shape
        self.format = format
        self.storage = storage
        count = shape.reduce(1, *)
    }

    private var numbers: UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt16.self)
    }

    /// The elements as floats again.
    package var tensor: Tensor {
        let kernels = Kernels.table.conversions
        let kernel = format == .bfloat16 ? kernels.fromBFloat16 : kernels.fromFloat16
        return Tensor(shape: shape) { output in
            let source = numbers
            ElementLoop.forEach(count) { range in
                kernel(source + range.lowerBound, output + range.lowerBound, range.count)
            }
        }
    }

    /// The elements as a matrix that products read as it is.
    ///
    /// - Parameter columns: length of its rows.
    func matrix(columns: Int) -> MatrixView {
        MatrixView(UnsafePointer(numbers), format: format, rowStride: columns)
    }
}
