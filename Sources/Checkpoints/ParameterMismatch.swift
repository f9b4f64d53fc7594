package import Tensors

/// How a checkpoint's tensors differ from a model's parameters.
package struct ParameterMismatch: Sendable, Hashable, CustomStringConvertible {
    /// A tensor that is there, but in another shape than the model's.
    package struct Shape: Sendable, Hashable {
        package let name: String
        package let found: [Int]
        package let wanted: [Int]

        package init(name: String, found: [Int], wanted: [Int]) {
            self.name = name
            self.found = found
            self.wanted = wanted
        }
    }

    /// Parameters of the model that the checkpoint lacks, in the model's order.
    package let missing: [String]
    /// Tensors of the checkpoint that the model has no parameter for, in the file's order.
    package let unexpected: [String]
    /// Tensors of another shape than the parameter's, in the model's order.
    package let misshaped: [Shape]

    /// Whether every parameter has its tensor and every tensor its parameter.
    package var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && misshaped.isEmpty }

    package init(of parameters: [Parameter], to state: StateDict) {
        self.init(of: parameters.map { (name: $0.name, shape: $0.shape) }, to: state)
    }

    /// - Parameter wanted: names and shapes of a model's tensors, in its order.
    package init(of wanted: [(name: String, shape: [Int])], to state: StateDict) {
        let names = Set(wanted.map(\.name))
        missing = wanted.map(\.name).filter { state[$0] == nil }
        unexpected = state.names.filter { !names.contains($0) }
        misshaped = wanted.compactMap { tensor in
            guard let found = state[tensor.name]?.shape, found != tensor.shape else { return nil }
            return Shape(name: tensor.name, found: found, wanted: tensor.shape)
        }
    }

    /// Names that are shown of each list.
    private static let shown = 60

    /// The names, one list a line; of a very long list the first ones and how many more there are.
    package var description: String {
        func list(_ names: [String]) -> String {
            let more = names.count - Self.shown
            return names.prefix(Self.shown).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        }
        var lines: [String] = []
        if !missing.isEmpty { lines.append("\(missing.count) missing: \(list(missing))") }
        if !unexpected.isEmpty { lines.append("\(unexpected.count) unexpected: \(list(unexpected))") }
        if !misshaped.isEmpty {
            let shapes = misshaped.map { "\($0.name) \($0.found) instead of \($0.wanted)" }
            lines.append("\(misshaped.count) of another shape: \(list(shapes))")
        }
        return lines.joined(separator: "\n  ")
    }
}
