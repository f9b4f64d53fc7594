private import Glibc
package import Tensors

/// Which parameters are trained: those that `train-only` names (all when it names none) without those that `freeze` does.
///
/// A pattern is a parameter's name with `*` and `?` for any text and any character, or the name of a part of the model,
/// such as `image_encoder`.
package struct ParameterSelection: Sendable, Hashable {
    package let trainOnly: [String]
    package let freeze: [String]

    package init(trainOnly: [String] = [], freeze: [String] = []) {
        self.trainOnly = trainOnly
        self.freeze = freeze
    }

    /// Sets `isTrainable` of all parameters; buffers, which are not trainable to begin with, stay as they are.
    ///
    /// - Returns: the parameters that will be trained.
    /// - Throws: `TrainingError.parameters` for a pattern that selects nothing, or when nothing is left to train.
    @discardableResult
    package func apply(to parameters: [Parameter]) throws(TrainingError) -> [Parameter] {
        let candidates = parameters.filter(\.isTrainable)
        try check(against: candidates)
        for parameter in candidates {
            parameter.isTrainable =
                (trainOnly.isEmpty || isTrainOnly(parameter.name)) && !isFrozen(parameter.name)
        }
        let chosen = candidates.filter(\.isTrainable)
        guard !chosen.isEmpty else {
            throw TrainingError(.parameters, "train-only and freeze together leave no parameter to train")
        }
        return chosen
    }

    /// Whether one of the patterns of `train-only` matches.
    func isTrainOnly(_ name: String) -> Bool { trainOnly.contains { Self.matches(name, $0) } }

    /// Whether one of the patterns of `freeze` matches.
    func isFrozen(_ name: String) -> Bool { freeze.contains { Self.matches(name, $0) } }

    /// Demands that every pattern selects something.
    ///
    /// - Throws: `TrainingError.parameters` that names the pattern and the parts of the model.
    func check(against candidates: [Parameter]) throws(TrainingError) {
        for (option, patterns) in [("train-only", trainOnly), ("freeze", freeze)] {
            for pattern in patterns where !candidates.contains(where: { Self.matches($0.name, pattern) }) {
                let parts = Set(candidates.map { $0.name.prefix { $0 != "." } }).sorted().joined(separator: ", ")
                throw TrainingError(
                    .parameters,
                    "\(option): '\(pattern)' selects no parameter of the model; its parts are \(parts), and "
                        + "`samdata inspect` of a checkpoint lists all names"
                        + Self.hint(for: pattern, among: candidates.map(\.name)))
            }
        }
    }

    /// What to say where a pattern means nothing, but would if it went on: a pattern is the whole name.
    static func hint(for pattern: String, among names: [String]) -> String {
        let longer = ["*" + pattern, pattern + "*", "*" + pattern + "*"].first { pattern in
            names.contains { matches($0, pattern) }
        }
        return longer.map { ". A pattern with * or ? is the whole name: did you mean '\($0)'?" } ?? ""
    }

    /// Whether a pattern means a parameter: its name with `*` and `?`, or the beginning of it.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        name.hasPrefix(pattern + ".") || fnmatch(pattern, name, 0) == 0
    }
}
