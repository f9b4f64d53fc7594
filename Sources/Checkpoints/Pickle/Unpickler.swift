private import Runtime

/// Reads a Python pickle as data: a restricted interpreter that never calls or imports anything.
///
/// A pickle is a program for a machine with a stack and numbered memory. Here its containers are built, while calls and
/// names of classes are only noted, and only those that the caller allows. Time and memory are linear in the pickle's
/// bytes, within ``PickleLimits``: a value that is referred to many times is there once, and a list that holds itself is
/// an index that occurs in its own elements.
struct Unpickler {
    var cursor: PickleCursor
    private(set) var graph = PickleGraph()
    private var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [UInt32: PickleValue] = [:]
    private var instructions = 0
    /// Elements that may still be copied out of containers, so that copies of copies end.
    private var copies: Int
    let limits: PickleLimits
    private let permit: (PickleGlobal) -> String?

    /// - Parameters:
    ///   - file: the whole file.
    ///   - range: where the pickle starts, and where it ends at the latest.
    ///   - permit: nil for a name that may occur, otherwise why not.
    init(
        _ file: UnsafeRawBufferPointer, range: Range<Int>, path: String?, limits: PickleLimits = PickleLimits(),
        permit: @escaping (PickleGlobal) -> String?
    ) {
        cursor = PickleCursor(file, range: range, path: path, limits: limits)
        self.limits = limits
        self.permit = permit
        copies = min(range.count, limits.bytes)
    }

    /// Reads one pickle.
    ///
    /// - Returns: its content, and where in the file the next byte is.
    /// - Throws: `CheckpointError.pickle`, `.truncated`, `.global`, with the byte.
    mutating func run() throws(CheckpointError) -> (graph: PickleGraph, end: Int) {
        while true {
            let start = cursor.offset
            let code = try cursor.number(UInt8.self)
            instructions += 1
            guard instructions <= limits.instructions else {
                throw cursor.failure(at: start, "the pickle has more than \(limits.instructions) instructions")
            }
            guard let opcode = PickleOpcode(rawValue: code) else { throw unknown(code, at: start) }
            if opcode == .stop { break }
            try perform(opcode, at: start)
            guard stack.count <= limits.stackDepth else {
                throw cursor.failure(at: start, "the pickle stacks more than \(limits.stackDepth) values")
            }
        }
        graph.root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw cursor.failure("the pickle ends with values left over") }
        return (graph, cursor.offset)
    }

    private func unknown(_ code: UInt8, at start: Int) -> CheckpointError {
        guard let name = PickleOpcode.refused[code] else {
            return cursor.failure(at: start, "the pickle has the instruction \(code), which does not exist")
        }
        return cursor.failure(
            .global, at: start,
            "the pickle has the instruction \(name), which makes Python objects; samdata reads tensors and plain values "
                + "only. Where you trust the file, save model.state_dict() with torch.save in Python")
    }

    // MARK: Stack

    /// Puts a value on the stack.
    mutating func push(_ value: PickleValue) { stack.append(value) }

    /// Takes the top of the stack, not past the last mark.
    mutating func pop() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.popLast() else { throw empty() }
        return value
    }

    /// The top of the stack.
    func top() throws(CheckpointError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else { throw empty() }
        return value
    }

    /// Marks the stack's height.
    mutating func mark() throws(CheckpointError) {
        guard marks.count < limits.markDepth else {
            throw cursor.failure("the pickle nests values more than \(limits.markDepth) deep")
        }
        marks.append(stack.count)
    }

    /// Takes everything above the last mark, and the mark.
    mutating func popToMark() throws(CheckpointError) -> [PickleValue] {
        guard let height = marks.popLast() else { throw cursor.failure("the pickle has no mark where one is needed") }
        let values = Array(stack[height...])
        stack.removeSubrange(height...)
        return values
    }

    private func empty() -> CheckpointError { cursor.failure("the pickle takes a value that is not there") }

    // MARK: Memory

    /// Keeps the top of the stack under a number, by default the next.
    mutating func put(_ index: UInt32? = nil) throws(CheckpointError) {
        let index = index ?? UInt32(memo.count)
        memo[index] = try top()
        guard memo.count <= limits.memoEntries else {
            throw cursor.failure("the pickle keeps more than \(limits.memoEntries) values")
        }
    }

    /// Puts a kept value on the stack.
    mutating func get(_ index: UInt32) throws(CheckpointError) {
        guard let value = memo[index] else {
            throw cursor.failure("the pickle refers to value \(index), which is not kept")
        }
        push(value)
    }

    // MARK: Containers

    /// Puts a new list on the stack.
    mutating func pushList(_ elements: [PickleValue]) {
        push(.list(graph.lists.count))
        graph.lists.append(elements)
    }

    /// Puts a new tuple on the stack.
    mutating func pushTuple(_ elements: [PickleValue]) {
        push(.tuple(graph.tuples.count))
        graph.tuples.append(elements)
    }

    /// Puts a new dictionary on the stack.
    mutating func pushDictionary(_ pairs: [PickleGraph.Pair]) {
        push(.dictionary(graph.dictionaries.count))
        graph.dictionaries.append(pairs)
    }

    /// Adds elements to the list at the top of the stack.
    mutating func append(_ elements: [PickleValue]) throws(CheckpointError) {
        guard case .list(let index) = try top() else {
            throw cursor.failure("the pickle adds elements to \(graph.describe(try top())), not to a list")
        }
        graph.lists[index] += elements
    }

    /// Adds pairs, given flat, to the dictionary at the top of the stack.
    mutating func setItems(_ flat: [PickleValue]) throws(CheckpointError) {
        guard case .dictionary(let index) = try top() else {
            throw cursor.failure("the pickle adds pairs to \(graph.describe(try top())), not to a dictionary")
        }
        graph.dictionaries[index] += try pairs(flat)
    }

    /// Pairs from keys and values in turn.
    func pairs(_ flat: [PickleValue]) throws(CheckpointError) -> [PickleGraph.Pair] {
        guard flat.count % 2 == 0 else { throw cursor.failure("the pickle has a key without a value") }
        return stride(from: 0, to: flat.count, by: 2).map { .init(key: flat[$0], value: flat[$0 + 1]) }
    }

    // MARK: Names and calls

    /// Puts a name of a class or function on the stack, if it may occur.
    mutating func pushGlobal(_ module: String, _ name: String, at start: Int) throws(CheckpointError) {
        let global = PickleGlobal(module, name)
        if let reason = permit(global) { throw cursor.failure(.global, at: start, reason) }
        push(.global(global))
    }

    /// Puts an object outside the pickle on the stack.
    mutating func pushPersistent(_ id: PickleValue) {
        push(.persistent(graph.persistentIDs.count))
        graph.persistentIDs.append(id)
    }

    /// Notes a call; one of an ordered dictionary is a dictionary.
    mutating func pushCall(_ function: PickleValue, _ arguments: PickleValue) throws(CheckpointError) {
        guard let function = function.global else {
            throw cursor.failure("the pickle calls \(graph.describe(function)), which is no function")
        }
        guard case .tuple(let index) = arguments else {
            throw cursor.failure("the pickle calls \(function) with \(graph.describe(arguments)), not with a tuple")
        }
        if function == PickleGlobal("collections", "OrderedDict") {
            return pushDictionary(try initialPairs(graph.tuples[index]))
        }
        push(.call(graph.calls.count))
        graph.calls.append(.init(function: function, arguments: index))
    }

    /// What an ordered dictionary starts with: nothing, a dictionary, or a list of pairs (as Python 2 writes it).
    private mutating func initialPairs(_ arguments: [PickleValue]) throws(CheckpointError) -> [PickleGraph.Pair] {
        guard let source = arguments.first else { return [] }
        let pairs: [PickleGraph.Pair]
        if let given = graph.dictionary(source) {
            try charge(given.count)
            pairs = given
        } else if let elements = graph.elements(source), arguments.count == 1 {
            try charge(elements.count)
            var list: [PickleGraph.Pair] = []
            for element in elements {
                guard let pair = graph.elements(element), pair.count == 2 else {
                    throw cursor.failure("the pickle makes a dictionary of elements that are not pairs")
                }
                list.append(.init(key: pair[0], value: pair[1]))
            }
            pairs = list
        } else {
            throw cursor.failure("the pickle makes a dictionary of \(graph.describe(source))")
        }
        return pairs
    }

    private mutating func charge(_ count: Int) throws(CheckpointError) {
        copies -= count
        if copies < 0 { throw cursor.failure("the pickle copies dictionaries of dictionaries without end") }
    }
}
