package import Tensors

extension StateDict {
    /// The parameters' values as float32, those that count something as int64, in the order given.
    package init(_ parameters: [Parameter]) {
        self.init()
        for parameter in parameters { append(parameter.name, Self.stored(parameter)) }
    }

    private static func stored(_ parameter: Parameter) -> StateTensor {
        guard parameter.isCount else { return StateTensor(parameter.value) }
        // What is no count, as a broken file may have it, has counted nothing.
        let bytes = parameter.value.values.flatMap { count in
            withUnsafeBytes(of: (Int64(exactly: count) ?? 0).littleEndian) { Array($0) }
        }
        return StateTensor(shape: parameter.shape, scalarType: .int64, bytes: bytes)
    }

    /// Sets every parameter to the tensor of its name; nothing is changed when one does not fit.
    ///
    /// - Throws: `CheckpointError.mismatch` that names every tensor that is missing, unexpected or of another shape.
    package func load(into parameters: [Parameter]) throws(CheckpointError) {
        let mismatch = ParameterMismatch(of: parameters, to: self)
        guard mismatch.isEmpty else {
            throw CheckpointError(.mismatch, "the checkpoint does not fit the model\n  \(mismatch)")
        }
        for (index, parameter) in parameters.enumerated() {
            guard let tensor = self[parameter.name] else { continue }
            // The disk works on the next tensor while this one is converted.
            if index + 1 < parameters.count { self[parameters[index + 1].name]?.prefetch() }
            parameter.value = tensor.tensor()
        }
    }
}
