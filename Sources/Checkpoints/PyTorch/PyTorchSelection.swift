private import Runtime

/// Picks the state dict out of what a checkpoint's pickle holds.
struct PyTorchSelection {
    /// Keys under which training programs keep the model's tensors, those that name them best first.
    static let wrapperKeys = ["model_state_dict", "model_state", "state_dict", "model", "net", "network", "weights"]
    /// The most tensors that are read.
    private static let maximumTensors = 1 << 20
    /// How deep known keys may lie in each other.
    private static let maximumDepth = 8
    /// The most things left out that are named one by one.
    private static let maximumNamed = 100

    /// The tensors, in the order of the file.
    private(set) var state = StateDict()
    /// Keys that the tensors were found under, outermost first.
    private(set) var unwrapped: [String] = []
    /// What was left out.
    private(set) var ignored: [CheckpointReport.Ignored] = []
    /// Number of things left out.
    private(set) var ignoredCount = 0
    private var tensors: PyTorchTensors
    /// Whether dictionaries without tensors of their own have some below, as far as it was asked.
    private var holding: [Int: Bool] = [:]
    /// By dictionary.
    private let tensorCounts: [Int]
    private let path: String?
    private var graph: PickleGraph { tensors.graph }

    /// - Throws: `CheckpointError.content` when there are no named tensors, and the errors of ``PyTorchTensors``.
    init(_ tensors: PyTorchTensors, path: String?) throws(CheckpointError) {
        self.tensors = tensors
        self.path = path
        tensorCounts = tensors.graph.dictionaries.map { pairs in pairs.count { tensors.isTensor($0.value) } }
        var place = tensors.graph.root
        var seen: Set<PickleValue> = []
        while true {
            guard let pairs = graph.dictionary(place), seen.insert(place).inserted else {
                throw failure(
                    "the file holds \(tensors.isTensor(place) ? "one tensor" : graph.describe(place)), not a dictionary "
                        + "of named tensors; save model.state_dict() with torch.save in Python")
            }
            if let key = wrapper(in: pairs) ?? onlyChild(of: pairs), let inner = graph.member(key, of: pairs) {
                for pair in Self.lastOfEachKey(pairs) where pair.key.text != key { ignore(pair, below: unwrapped) }
                unwrapped.append(key)
                place = inner
            } else {
                try collect(pairs)
                return
            }
        }
    }

    // MARK: Which dictionary

    /// Number of tensors that are a dictionary's own values.
    private func tensorCount(_ value: PickleValue) -> Int {
        guard case .dictionary(let index) = value else { return 0 }
        return tensorCounts[index]
    }

    /// The first of the known keys with tensors below it.
    private mutating func wrapper(in pairs: [PickleGraph.Pair], depth: Int = 0) -> String? {
        for key in Self.wrapperKeys {
            if let value = graph.member(key, of: pairs), holdsTensors(value, depth: depth) { return key }
        }
        return nil
    }

    /// Whether a dictionary has tensors of its own or below one of the known keys.
    private mutating func holdsTensors(_ value: PickleValue, depth: Int) -> Bool {
        guard case .dictionary(let index) = value, depth < Self.maximumDepth else { return false }
        if tensorCounts[index] > 0 { return true }
        if let known = holding[index] { return known }
        // Answers the dictionary that holds itself, too.
        holding[index] = false
        let answer = wrapper(in: graph.dictionaries[index], depth: depth + 1) != nil
        holding[index] = answer
        return answer
    }

    /// The key of the only dictionary with tensors, where there are none beside it.
    private mutating func onlyChild(of pairs: [PickleGraph.Pair]) -> String? {
        if pairs.contains(where: { tensors.isTensor($0.value) }) { return nil }
        var keys: Set<String> = []
        for pair in pairs where holdsTensors(pair.value, depth: 0) {
            if let key = pair.key.text { keys.insert(key) }
        }
        return keys.count == 1 ? keys.first : nil
    }

    // MARK: What it holds

    /// Takes a dictionary's own tensors; where it has none, those of its dictionaries, with their keys before the names.
    private mutating func collect(_ pairs: [PickleGraph.Pair]) throws(CheckpointError) {
        let entries = Self.lastOfEachKey(pairs)
        let isFlat = entries.contains { tensors.isTensor($0.value) }
        var found: [(name: String, value: PickleValue)] = []
        for pair in entries {
            guard let key = pair.key.text, isFlat ? tensors.isTensor(pair.value) : tensorCount(pair.value) > 0 else {
                ignore(pair, below: unwrapped)
                continue
            }
            if isFlat {
                found.append((key, pair.value))
                continue
            }
            for below in Self.lastOfEachKey(graph.dictionary(pair.value) ?? []) {
                if let name = below.key.text, tensors.isTensor(below.value) {
                    found.append((key + "." + name, below.value))
                } else {
                    ignore(below, below: unwrapped + [key])
                }
            }
            guard found.count <= Self.maximumTensors else {
                throw failure("the file holds more than \(Self.maximumTensors) tensors")
            }
        }
        guard !found.isEmpty || pairs.isEmpty else {
            let keys = entries.prefix(8).map { name(of: $0.key) }.joined(separator: ", ")
            throw failure(
                "the file holds no named tensors, only \(keys)\(entries.count > 8 ? ", …" : ""); save "
                    + "model.state_dict() with torch.save in Python")
        }
        for (name, value) in found {
            guard state[name] == nil else { throw failure("the file holds two tensors called \"\(name)\"") }
            state.append(name, try tensors.tensor(value, name: name))
        }
    }

    /// The pairs without those whose key occurs again, which replaces the value in the first one's place.
    private static func lastOfEachKey(_ pairs: [PickleGraph.Pair]) -> [PickleGraph.Pair] {
        var places: [PickleValue: Int] = [:]
        var result: [PickleGraph.Pair] = []
        for pair in pairs {
            if let place = places[pair.key] {
                result[place] = pair
            } else {
                places[pair.key] = result.count
                result.append(pair)
            }
        }
        return result
    }

    private func name(of key: PickleValue) -> String {
        key.text ?? key.integer.map(String.init) ?? graph.describe(key)
    }

    private mutating func ignore(_ pair: PickleGraph.Pair, below keys: [String]) {
        ignoredCount += 1
        guard ignored.count < Self.maximumNamed else { return }
        let isTensor = tensors.isTensor(pair.value)
        ignored.append(
            .init(
                name: (keys + [name(of: pair.key)]).joined(separator: "."),
                content: isTensor ? "a tensor" : graph.describe(pair.value),
                tensorCount: isTensor ? 1 : tensorCount(pair.value)))
    }

    private func failure(_ message: String) -> CheckpointError {
        CheckpointError(.content, at: DataLocation(path: path), message)
    }
}
