internal import Kernels

/// Memory for what an operation keeps between its forward and its backward pass, of any order of its own.
struct KeptTensor: Sendable {
    private let memory: Tensor
    private let format: ElementFormat

    init(count: Int, _ format: ElementFormat) {
        memory = Tensor(shape: [KeptFloats.floats(for: count, format)]) { _ in }
        self.format = format
    }

    var floats: KeptFloats { KeptFloats(memory.storage.base, format) }
}
