internal import Runtime

/// Makes tensors of what a checkpoint's pickle says about them.
///
/// Tensors that lie in order stay in the file. Others (transposed, expanded) are copied, in all at most
/// ``copiesPerFileByte`` times the file's size and ``freeCopies`` bytes more, so that a small file cannot ask for much.
struct PyTorchTensors {
    /// The most bytes of copies for each byte of the file.
    static let copiesPerFileByte = 4
    /// The bytes of copies that any file may ask for.
    static let freeCopies = 16 << 20

    /// The pickle's content.
    let graph: PickleGraph
    private let file: MappedFile
    private let runs: [String: Range<Int>]
    private var copyBudget: Int
    private var made: [Int: StateTensor] = [:]

    /// - Parameter runs: the bytes of each storage, by key, counted from the start of the file.
    init(_ graph: PickleGraph, file: MappedFile, runs: [String: Range<Int>]) {
        self.graph = graph
        self.file = file
        self.runs = runs
        copyBudget = Self.freeCopies + Self.copiesPerFileByte * file.bytes.count
    }

    /// Whether a value stands for a tensor.
    func isTensor(_ value: PickleValue) -> Bool { tensorCall(value) != nil }

    /// The call that makes a value's tensor, below any parameter around it, or nil.
    private func tensorCall(_ value: PickleValue) -> (index: Int, role: PyTorchRole)? {
        var value = value
        // Arguments are made before the call, so this ends.
        while case .call(let index) = value {
            switch PyTorchGlobals.role(of: graph.calls[index].function) {
            case .tensor: return (index, .tensor)
            case .tensorWithType: return (index, .tensorWithType)
            case .parameter:
                guard let inner = graph.tuples[graph.calls[index].arguments].first else { return nil }
                value = inner
            default: return nil
            }
        }
        return nil
    }

    /// The tensor that a value stands for.
    ///
    /// - Parameter name: for messages.
    /// - Throws: `CheckpointError.pickle` for wrong arguments, `.layout` for elements that are not there, `.scalarType`.
    mutating func tensor(_ value: PickleValue, name: String) throws(CheckpointError) -> StateTensor {
        guard let (index, role) = tensorCall(value) else {
            preconditionFailure("\(graph.describe(value)) is no tensor")
        }
        if let tensor = made[index] { return tensor }
        do {
            let tensor = try build(graph.tuples[graph.calls[index].arguments], role: role)
            made[index] = tensor
            return tensor
        } catch {
            var named = error
            named.message = "tensor \"\(name)\": \(error.message)"
            throw named
        }
    }

    private mutating func build(
        _ arguments: [PickleValue], role: PyTorchRole
    ) throws(CheckpointError) -> StateTensor {
        guard arguments.count >= 4, case .persistent(let id) = arguments[0], let offset = arguments[1].integer,
            let shape = lengths(arguments[2]), let strides = lengths(arguments[3])
        else { throw failure(.pickle, "it is not made of a storage, an offset, a shape and strides") }
        let storage = try PyTorchStorage(graph.persistentIDs[id], of: graph, path: file.path)
        let type = try elementType(of: storage, arguments, role: role)
        let run = try bytes(of: storage)
        let size = type.byteCount
        let view = try PyTorchView(
            offset: offset, shape: shape, strides: strides, storageCount: run.count / size, path: file.path)
        if view.count == 0 { return StateTensor(shape: shape, scalarType: type, bytes: []) }
        if view.isContiguous {
            let start = run.lowerBound + offset * size
            return StateTensor(shape: shape, scalarType: type, file: file, range: start..<start + view.count * size)
        }
        let (cost, overflow) = view.count.multipliedReportingOverflow(by: size)
        guard !overflow, cost <= copyBudget else {
            throw failure(
                .layout,
                "it repeats its storage so often that shape \(shape) would take far more memory than the file; save "
                    + "tensor.contiguous() if it is meant")
        }
        copyBudget -= cost
        let copy = file.withBytes { view.gather(UnsafeRawBufferPointer(rebasing: $0[run]), size: size) }
        return StateTensor(shape: shape, scalarType: type, bytes: copy)
    }

    private func elementType(
        of storage: PyTorchStorage, _ arguments: [PickleValue], role: PyTorchRole
    ) throws(CheckpointError) -> ScalarType {
        if role == .tensorWithType {
            guard arguments.count >= 7, let global = arguments[6].global,
                case .elementType(let type) = PyTorchGlobals.role(of: global)
            else { throw failure(.scalarType, "its element type is none that samdata reads") }
            return type
        }
        guard let type = storage.scalarType else { throw failure(.scalarType, "its element type is missing") }
        return type
    }

    /// The bytes of a storage in the file.
    private func bytes(of storage: PyTorchStorage) throws(CheckpointError) -> Range<Int> {
        guard let run = runs[storage.key] else {
            throw failure(.truncated, "storage \"\(storage.key)\" is not in the file")
        }
        let size = storage.scalarType?.byteCount ?? 1
        let (wanted, overflow) = storage.runCount.multipliedReportingOverflow(by: size)
        guard !overflow, wanted == run.count else {
            throw failure(
                .layout,
                "storage \"\(storage.key)\" should hold \(storage.runCount) elements of \(size) bytes, but has "
                    + "\(run.count) bytes")
        }
        let start = run.lowerBound + storage.offset * size
        return start..<start + storage.count * size
    }

    /// The whole numbers of a tuple, list or `torch.Size`.
    private func lengths(_ value: PickleValue) -> [Int]? {
        var value = value
        if case .call(let index) = value, PyTorchGlobals.role(of: graph.calls[index].function) == .shape,
            let inner = graph.tuples[graph.calls[index].arguments].first
        {
            value = inner
        }
        guard let elements = graph.elements(value), elements.count <= SafeTensorsHeader.maximumRank else { return nil }
        let numbers = elements.compactMap(\.integer)
        return numbers.count == elements.count ? numbers : nil
    }

    private func failure(_ code: CheckpointError.Code, _ message: String) -> CheckpointError {
        CheckpointError(code, at: DataLocation(path: file.path), message)
    }
}
