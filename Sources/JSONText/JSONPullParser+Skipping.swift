extension JSONPullParser {
    /// Passes the next value, whatever it is, with the same checks as reading it.
    ///
    /// - Returns: the value's bytes, without white space around.
    @discardableResult
    package mutating func skipValue() throws(JSONError) -> Range<Int> {
        let kind = try peekKind()
        let start = offset
        switch kind {
        case .object, .array: try skipContainer()
        default: try skipScalar(kind)
        }
        return start..<offset
    }

    /// Which of the containers open inside a skipped value are objects, outermost in the highest bit used.
    private struct OpenContainers {
        private var objects: UInt128 = 0
        private(set) var count = 0

        var innermostIsObject: Bool { objects & 1 == 1 }

        mutating func push(isObject: Bool) {
            objects = objects << 1 | (isObject ? 1 : 0)
            count += 1
        }

        mutating func pop() {
            objects >>= 1
            count -= 1
        }
    }

    /// Passes an object or array without recursion, so that nesting costs no stack.
    private mutating func skipContainer() throws(JSONError) {
        var containers = OpenContainers()
        try enter(&containers)
        while containers.count > 0 {
            let hasNext = containers.innermostIsObject ? try nextKey() != nil : try nextElement()
            guard hasNext else {
                containers.pop()
                continue
            }
            let kind = try peekKind()
            switch kind {
            case .object, .array: try enter(&containers)
            default: try skipScalar(kind)
            }
        }
    }

    private mutating func enter(_ containers: inout OpenContainers) throws(JSONError) {
        let isObject = base[offset] == UInt8(ascii: "{")
        if isObject { try beginObject() } else { try beginArray() }
        containers.push(isObject: isObject)
    }

    private mutating func skipScalar(_ kind: JSONKind) throws(JSONError) {
        switch kind {
        case .string: _ = try scanString()
        case .number: _ = try scanNumber()
        case .bool: _ = try readBool()
        default: try readNull()
        }
    }
}
