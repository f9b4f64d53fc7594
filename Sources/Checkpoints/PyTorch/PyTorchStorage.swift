private import Runtime

/// A storage that a pickle refers to: a run of elements, which tensors are views of.
struct PyTorchStorage {
    /// Which run of bytes of the file it is.
    let key: String
    /// The type of the elements, or nil where the tensor tells it.
    let scalarType: ScalarType?
    /// Number of elements, of bytes where there is no type.
    let count: Int
    /// Elements of the run before those of the storage; other than 0 in the format before PyTorch 1.6 alone.
    let offset: Int
    /// Number of elements of the whole run.
    let runCount: Int

    /// Reads what stands for a storage: `("storage", class, key, device, count)`, and before PyTorch 1.6 a sixth element:
    /// nothing, or `(key, offset, count)` of a part.
    ///
    /// - Throws: `CheckpointError.pickle`.
    init(_ id: PickleValue, of graph: PickleGraph, path: String?) throws(CheckpointError) {
        func failure(_ message: String) -> CheckpointError {
            CheckpointError(.pickle, at: DataLocation(path: path), message)
        }
        guard let fields = graph.tuple(id), (5...6).contains(fields.count), fields[0].text == "storage",
            let type = fields[1].global, let key = fields[2].text, let count = fields[4].integer, count >= 0
        else {
            throw failure(
                "the pickle refers to something that is not a storage: \(graph.describe(id)) instead of "
                    + "(\"storage\", type, key, device, count)")
        }
        switch PyTorchGlobals.role(of: type) {
        case .storage(let type): scalarType = type
        case .untypedStorage: scalarType = nil
        default: throw failure("storage \"\(key)\" is of \(type), which is no class of storages")
        }
        self.key = key
        runCount = count
        guard fields.count == 6, fields[5] != .none else {
            (offset, self.count) = (0, count)
            return
        }
        guard let part = graph.tuple(fields[5]), part.count == 3, let offset = part[1].integer,
            let length = part[2].integer, offset >= 0, length >= 0, offset <= count, length <= count - offset
        else { throw failure("storage \"\(key)\" of \(count) elements has a part that does not lie inside") }
        (self.offset, self.count) = (offset, length)
    }
}
