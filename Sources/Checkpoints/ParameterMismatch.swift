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
        let names = Set(parameters.map(\.name))
        missing = parameters.map(\.name).filter { state[$0] == nil }
        unexpected = state.names.filter { !names.contains($0) }
        misshaped = parameters.compactMap { parameter in
            guard let found = state[parameter.name]?.shape, found != parameter.shape else { return nil }
            return Shape(name: parameter.name, found: found, wanted: parameter.shape)
        }
    }

    /// All names, one list a line.
    package var description: String {
        var lines: [String] = []
        if !missing.isEmpty { lines.append("\(missing.count) missing: \(missing.joined(separator: ", "))") }
        if !unexpected.isEmpty {
            lines.append("\(unexpected.count) unexpected: \(unexpected.joined(separator: ", "))")
        }
        if !misshaped.isEmpty {
            let list = misshaped.map { "\($0.name) \($0.found) instead of \($0.wanted)" }
            lines.append("\(misshaped.count) of another shape: \(list.joined(separator: ", "))")
        }
        return lines.joined(separator: "\n  ")
    }
}
