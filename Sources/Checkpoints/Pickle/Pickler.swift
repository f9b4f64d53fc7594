/// Writes the instructions of a pickle, protocol 2, which every Python since 2.3 reads.
struct Pickler {
    /// The pickle so far.
    private(set) var bytes: [UInt8] = [PickleOpcode.protocolVersion.rawValue, 2]

    /// An instruction without an argument.
    mutating func add(_ opcode: PickleOpcode) { bytes.append(opcode.rawValue) }

    /// Names a class or function.
    mutating func global(_ global: PickleGlobal) {
        add(.global)
        bytes += Array("\(global.module)\n\(global.name)\n".utf8)
    }

    /// A text.
    mutating func text(_ text: String) {
        let content = Array(text.utf8)
        add(.binUnicode)
        bytes.appendLittle(UInt32(content.count))
        bytes += content
    }

    /// A whole number, in the shortest form.
    mutating func integer(_ value: Int) {
        if let small = UInt8(exactly: value) {
            add(.binInt1)
            bytes.append(small)
        } else if let medium = UInt16(exactly: value) {
            add(.binInt2)
            bytes.appendLittle(medium)
        } else if let large = Int32(exactly: value) {
            add(.binInt)
            bytes.appendLittle(large)
        } else {
            add(.long1)
            bytes.append(8)
            bytes.appendLittle(Int64(value))
        }
    }

    /// A tuple of whole numbers.
    mutating func tuple(_ values: [Int]) {
        if values.isEmpty { return add(.emptyTuple) }
        add(.mark)
        for value in values { integer(value) }
        add(.tuple)
    }
}
