extension Unpickler {
    /// Performs one instruction other than `STOP`.
    ///
    /// - Parameter start: the instruction's place in the file.
    mutating func perform(_ opcode: PickleOpcode, at start: Int) throws(CheckpointError) {
        switch opcode {
        case .stop: break
        case .protocolVersion:
            let version = try cursor.number(UInt8.self)
            guard version <= 5 else {
                throw cursor.failure(at: start, "pickles of protocol \(version) are unknown; 0 to 5 are read")
            }
        case .frame:
            let count = try cursor.number(UInt64.self)
            var ahead = cursor
            _ = try ahead.take(count)
        case .mark: try mark()
        case .pop:
            // Python's machine takes a mark as well.
            if (try? top()) == nil { _ = try popToMark() } else { _ = try pop() }
        case .popMark: _ = try popToMark()
        case .dup: push(try top())
        case .none, .newTrue, .newFalse, .binInt, .binInt1, .binInt2, .long1, .long4, .binFloat, .integerLine,
            .longLine, .floatLine:
            push(try number(opcode))
        case .binString, .shortBinString, .binUnicode, .shortBinUnicode, .binUnicode8, .binBytes, .shortBinBytes,
            .binBytes8, .stringLine, .unicodeLine:
            push(try string(opcode, at: start))
        case .getLine, .binGet, .longBinGet, .putLine, .binPut, .longBinPut, .memoize: try remember(opcode)
        case .global:
            let module = try cursor.line()
            try pushGlobal(module, try cursor.line(), at: start)
        case .stackGlobal:
            guard let name = try pop().text, let module = try pop().text else {
                throw cursor.failure(at: start, "the pickle names a class by values that are no text")
            }
            try pushGlobal(module, name, at: start)
        case .binPersistentID: pushPersistent(try pop())
        case .reduce, .newObject:
            let arguments = try pop()
            try pushCall(try pop(), arguments)
        case .build: try build()
        default: try collect(opcode)
        }
    }

    /// Sets the state of the object below the top: noted nowhere, since no object that is kept has one.
    private mutating func build() throws(CheckpointError) {
        _ = try pop()
        switch try top() {
        // An ordered dictionary's attributes (of PyTorch, `_metadata`), or an opaque object's.
        case .dictionary, .call: break
        case let other: throw cursor.failure("the pickle gives attributes to \(graph.describe(other))")
        }
    }

    /// Performs an instruction that makes or fills a container.
    private mutating func collect(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .emptyTuple: pushTuple([])
        case .tuple: pushTuple(try popToMark())
        case .tuple1: pushTuple([try pop()])
        case .tuple2:
            let second = try pop()
            pushTuple([try pop(), second])
        case .tuple3:
            let third = try pop()
            let second = try pop()
            pushTuple([try pop(), second, third])
        case .emptyList, .emptySet: pushList([])
        case .list, .frozenSet: pushList(try popToMark())
        case .append: try append([try pop()])
        case .appends, .addItems: try append(try popToMark())
        case .emptyDictionary: pushDictionary([])
        case .dictionary: pushDictionary(try pairs(try popToMark()))
        case .setItem:
            let value = try pop()
            try setItems([try pop(), value])
        case .setItems: try setItems(try popToMark())
        default: preconditionFailure("\(opcode) makes no container")
        }
    }

    /// Reads a number or constant.
    private mutating func number(_ opcode: PickleOpcode) throws(CheckpointError) -> PickleValue {
        switch opcode {
        case .none: return .none
        case .newTrue: return .bool(true)
        case .newFalse: return .bool(false)
        case .binInt: return .integer(Int(try cursor.number(Int32.self)))
        case .binInt1: return .integer(Int(try cursor.number(UInt8.self)))
        case .binInt2: return .integer(Int(try cursor.number(UInt16.self)))
        case .long1: return try cursor.long(UInt64(try cursor.number(UInt8.self)))
        case .long4: return try cursor.long(UInt64(try cursor.number(UInt32.self)))
        case .binFloat: return .float(Double(bitPattern: try cursor.number(UInt64.self).byteSwapped))
        case .integerLine:
            let start = cursor.offset
            switch try cursor.line() {
            case "00": return .bool(false)
            case "01": return .bool(true)
            case let text:
                guard let value = Int(text) else {
                    throw cursor.failure(at: start, "\"\(text.prefix(40))\" is no whole number of 64 bits")
                }
                return .integer(value)
            }
        case .longLine:
            let start = cursor.offset
            let text = try cursor.line()
            guard text.hasSuffix("L"), let value = Int(text.dropLast()) else {
                throw cursor.failure(at: start, "\"\(text.prefix(40))\" is no whole number of 64 bits")
            }
            return .integer(value)
        case .floatLine:
            let start = cursor.offset
            let text = try cursor.line()
            guard let value = Double(text) else {
                throw cursor.failure(at: start, "\"\(text.prefix(40))\" is no number")
            }
            return .float(value)
        default: preconditionFailure("\(opcode) is no number")
        }
    }

    /// Reads a text or bytes.
    private mutating func string(_ opcode: PickleOpcode, at start: Int) throws(CheckpointError) -> PickleValue {
        switch opcode {
        case .shortBinUnicode: return .text(try cursor.text(UInt64(try cursor.number(UInt8.self))))
        case .binUnicode: return .text(try cursor.text(UInt64(try cursor.number(UInt32.self))))
        case .binUnicode8: return .text(try cursor.text(try cursor.number(UInt64.self)))
        // Texts of Python 2, whose names of tensors are ASCII.
        case .shortBinString: return .text(try cursor.text(UInt64(try cursor.number(UInt8.self))))
        case .binString: return .text(try cursor.text(UInt64(try cursor.number(UInt32.self))))
        case .shortBinBytes: return try cursor.bytes(UInt64(try cursor.number(UInt8.self)))
        case .binBytes: return try cursor.bytes(UInt64(try cursor.number(UInt32.self)))
        case .binBytes8: return try cursor.bytes(try cursor.number(UInt64.self))
        case .unicodeLine:
            let text = try cursor.line()
            return .text(try unescaped(text, at: start))
        case .stringLine:
            let text = try cursor.line()
            guard let quote = text.first, quote == "'" || quote == "\"", text.count >= 2, text.last == quote else {
                throw cursor.failure(at: start, "a text of the pickle has no quotes")
            }
            return .text(try unescaped(String(text.dropFirst().dropLast()), at: start))
        default: preconditionFailure("\(opcode) is no text")
        }
    }

    /// Texts of protocol 0 as they are; with a backslash they would need Python's rules, and no name of a tensor has one.
    private func unescaped(_ text: String, at start: Int) throws(CheckpointError) -> String {
        guard !text.contains("\\") else {
            throw cursor.failure(
                at: start, "a text of the pickle has escapes of protocol 0, which is not read; save it with protocol 2")
        }
        return text
    }

    /// Keeps a value or recalls it.
    private mutating func remember(_ opcode: PickleOpcode) throws(CheckpointError) {
        switch opcode {
        case .binPut: try put(UInt32(try cursor.number(UInt8.self)))
        case .longBinPut: try put(try cursor.number(UInt32.self))
        case .memoize: try put()
        case .putLine: try put(try index())
        case .binGet: try get(UInt32(try cursor.number(UInt8.self)))
        case .longBinGet: try get(try cursor.number(UInt32.self))
        case .getLine: try get(try index())
        default: preconditionFailure("\(opcode) keeps nothing")
        }
    }

    private mutating func index() throws(CheckpointError) -> UInt32 {
        let value = try cursor.integerLine()
        guard let index = UInt32(exactly: value) else { throw cursor.failure("value \(value) cannot be kept") }
        return index
    }
}
