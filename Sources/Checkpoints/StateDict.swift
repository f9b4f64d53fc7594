/// A checkpoint's content: named tensors in order, and text about them.
package struct StateDict: Sendable {
    /// One named tensor.
    package struct Entry: Sendable {
        package let name: String
        package let tensor: StateTensor
    }

    /// The tensors, in the order of the file.
    package private(set) var entries: [Entry] = []
    /// Free text by key, such as the model's configuration.
    package var metadata: [String: String] = [:]
    private var indexByName: [String: Int] = [:]

    package init() {}

    /// Number of tensors.
    package var count: Int { entries.count }
    /// The tensors' names, in order.
    package var names: [String] { entries.map(\.name) }
    /// Number of elements of all tensors.
    package var elementCount: Int { entries.reduce(0) { $0 + $1.tensor.elementCount } }
    /// Number of bytes of all tensors.
    package var byteCount: Int { entries.reduce(0) { $0 + $1.tensor.byteCount } }

    /// The tensor called `name`.
    package subscript(name: String) -> StateTensor? { indexByName[name].map { entries[$0].tensor } }

    /// Adds a tensor at the end; the name must be new.
    package mutating func append(_ name: String, _ tensor: StateTensor) {
        precondition(indexByName[name] == nil, "tensor \(name) is there already")
        indexByName[name] = entries.count
        entries.append(Entry(name: name, tensor: tensor))
    }
}
