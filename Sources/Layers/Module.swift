package import Tensors

/// A part of a model: something that has parameters.
package protocol Module {
    /// Calls `body` with every parameter, always in the same order.
    func forEachParameter(_ body: (Parameter) -> Void)
}

extension Module {
    /// All parameters, in the order of ``forEachParameter(_:)``.
    package var parameters: [Parameter] {
        var all: [Parameter] = []
        forEachParameter { all.append($0) }
        return all
    }

    /// Makes all parameters trainable, or freezes them: operations with frozen ones record nothing.
    package func setTrainable(_ isTrainable: Bool) {
        forEachParameter { $0.isTrainable = isTrainable }
    }
}
