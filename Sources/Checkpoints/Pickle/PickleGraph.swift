/// Everything that a pickle holds, as data: calls that it asks for are noted and never made.
package struct PickleGraph: Sendable {
    /// A key and its value.
    package struct Pair: Sendable, Hashable {
        package let key: PickleValue
        package let value: PickleValue
    }

    /// A call that the pickle asks for.
    package struct Call: Sendable, Hashable {
        /// The function or class.
        package let function: PickleGlobal
        /// Index of its arguments in ``PickleGraph/tuples``.
        package let arguments: Int
    }

    /// The value that the pickle is of.
    package var root = PickleValue.none
    package var lists: [[PickleValue]] = []
    package var tuples: [[PickleValue]] = []
    /// In the order of the file; a key may occur again, and the last one counts.
    package var dictionaries: [[Pair]] = []
    package var calls: [Call] = []
    /// What stands for objects outside the pickle: of PyTorch, tuples that name storages.
    package var persistentIDs: [PickleValue] = []

    package init() {}

    /// The elements of a tuple, or nil for another value.
    package func tuple(_ value: PickleValue) -> [PickleValue]? {
        guard case .tuple(let index) = value else { return nil }
        return tuples[index]
    }

    /// The elements of a list or tuple, or nil for another value.
    package func elements(_ value: PickleValue) -> [PickleValue]? {
        switch value {
        case .list(let index): lists[index]
        case .tuple(let index): tuples[index]
        default: nil
        }
    }

    /// The pairs of a dictionary, or nil for another value.
    package func dictionary(_ value: PickleValue) -> [Pair]? {
        guard case .dictionary(let index) = value else { return nil }
        return dictionaries[index]
    }

    /// The value of the last pair with a text as key.
    package func member(_ key: String, of pairs: [Pair]) -> PickleValue? {
        pairs.last { $0.key.text == key }?.value
    }

    /// What a value is, in a few words for messages.
    package func describe(_ value: PickleValue) -> String {
        switch value {
        case .none: "nothing (None)"
        case .bool, .integer, .largeInteger, .float: "a number"
        case .text: "a text"
        case .bytes: "bytes"
        case .list(let index): "a list of \(lists[index].count)"
        case .tuple(let index): "a tuple of \(tuples[index].count)"
        case .dictionary(let index): "a dictionary of \(dictionaries[index].count)"
        case .global(let global): global.description
        case .call(let index): "an object of \(calls[index].function)"
        case .persistent: "a storage"
        }
    }
}
