private import Runtime

/// Which elements of a storage a tensor consists of.
struct PyTorchView {
    /// The first element.
    let offset: Int
    /// Lengths of the axes.
    let shape: [Int]
    /// Elements from one index of an axis to the next; 0 for an axis that repeats, and for one of length 1.
    let strides: [Int]
    /// Number of elements: the product of the shape.
    let count: Int

    /// - Parameter storageCount: elements of the storage, which all of the view's must be among.
    /// - Throws: `CheckpointError.layout`.
    init(
        offset: Int, shape: [Int], strides: [Int], storageCount: Int, path: String?
    ) throws(CheckpointError) {
        func failure(_ message: String) -> CheckpointError {
            CheckpointError(.layout, at: DataLocation(path: path), message)
        }
        guard shape.count == strides.count, shape.count <= SafeTensorsHeader.maximumRank, offset >= 0,
            shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
        else { throw failure("a tensor has offset \(offset), shape \(shape) and strides \(strides), which cannot be") }
        var count = 1
        var last = offset
        // Of an empty tensor nothing is read, but others multiply its axes.
        let isEmpty = shape.contains(0)
        if isEmpty {
            var product = 1
            for length in shape {
                let (next, overflows) = product.multipliedReportingOverflow(by: max(1, length))
                guard !overflows, next <= 1 << 48 else {
                    throw failure("an empty tensor of shape \(shape) has axes that are longer than any file")
                }
                product = next
            }
        }
        for (length, stride) in zip(shape, strides) where !isEmpty {
            let (product, tooMany) = count.multipliedReportingOverflow(by: length)
            let (span, tooFar) = (length - 1).multipliedReportingOverflow(by: stride)
            let (end, tooLate) = last.addingReportingOverflow(span)
            guard !tooMany, !tooFar, !tooLate else {
                throw failure("a tensor of shape \(shape) and strides \(strides) is larger than any file")
            }
            (count, last) = (product, end)
        }
        if isEmpty { count = 0 }
        guard isEmpty || last < storageCount else {
            throw failure(
                "a tensor of shape \(shape), strides \(strides) and offset \(offset) reaches element \(last) of a storage "
                    + "of \(storageCount)")
        }
        self.offset = offset
        self.shape = shape
        // Of an axis that is never stepped along the file may claim anything.
        self.strides = zip(shape, strides).map { length, stride in length > 1 ? stride : 0 }
        self.count = count
    }

    /// Whether the elements lie in row-major order without holes.
    var isContiguous: Bool {
        var wanted = 1
        for (length, stride) in zip(shape, strides).reversed() where length != 1 {
            if stride != wanted { return false }
            wanted *= length
        }
        return true
    }

    /// The elements in row-major order.
    ///
    /// - Parameters:
    ///   - storage: the storage's bytes.
    ///   - size: bytes of an element.
    func gather(_ storage: UnsafeRawBufferPointer, size: Int) -> [UInt8] {
        if count == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: count * size) { buffer, initialized in
            let target = UnsafeMutableRawBufferPointer(buffer)
            // The last axis is a loop of its own; the others count like the wheels of an odometer.
            let (length, stride) = (shape.last ?? 1, (strides.last ?? 1) * size)
            var wheels = [Int](repeating: 0, count: max(0, shape.count - 1))
            var source = offset * size
            var place = 0
            while place < count * size {
                var element = source
                for _ in 0..<length {
                    for byte in 0..<size { target[place + byte] = storage[element + byte] }
                    place += size
                    element += stride
                }
                var axis = wheels.count - 1
                while axis >= 0 {
                    wheels[axis] += 1
                    source += strides[axis] * size
                    if wheels[axis] < shape[axis] { break }
                    source -= shape[axis] * strides[axis] * size
                    wheels[axis] = 0
                    axis -= 1
                }
            }
            initialized = count * size
        }
    }
}
