internal import JSONText

/// One integer dimension of a configuration: its key in JSON, where it lives, and the values that are allowed.
struct ConfigurationDimension<Root>: Sendable {
    let key: String
    let path: any WritableKeyPath<Root, Int> & Sendable
    let allowed: ClosedRange<Int>

    init(_ key: String, _ path: any WritableKeyPath<Root, Int> & Sendable, _ allowed: ClosedRange<Int>) {
        self.key = key
        self.path = path
        self.allowed = allowed
    }

    func member(of root: Root) -> JSONMember { JSONMember(key, .integer(Int64(root[keyPath: path]))) }

    /// - Throws: `SAMError.configuration` for another kind of value, or one out of range.
    func read(_ value: JSONValue, into root: inout Root) throws(SAMError) {
        root[keyPath: path] = try ConfigurationValue.integer(value, of: key, allowed)
    }
}

/// Reads the values of a configuration, which may come from anybody's file.
enum ConfigurationValue {
    /// - Throws: `SAMError.configuration` that names the key and the values allowed, as all of these do.
    static func integer(
        _ value: JSONValue, of key: String, _ allowed: ClosedRange<Int>
    ) throws(SAMError) -> Int {
        guard let number = value.int, allowed.contains(number) else {
            throw SAMError(
                .configuration,
                "\(key) is \(value.text(pretty: false)); a whole number from \(allowed.lowerBound) to "
                    + "\(allowed.upperBound) is wanted")
        }
        return number
    }

    static func integers(
        _ value: JSONValue, of key: String, _ allowed: ClosedRange<Int>
    ) throws(SAMError) -> [Int] {
        guard let elements = value.array, elements.count <= 1024 else {
            throw SAMError(.configuration, "\(key) is \(value.kind.withArticle); a short array is wanted")
        }
        var numbers: [Int] = []
        for element in elements { numbers.append(try integer(element, of: key, allowed)) }
        return numbers
    }

    /// Rows of numbers that start with a block, as a table by block.
    ///
    /// - Parameter count: numbers of a row after the block, each at least 1.
    static func byBlock(
        _ value: JSONValue, of key: String, count: Int, _ allowed: ClosedRange<Int>
    ) throws(SAMError) -> [Int: [Int]] {
        var table: [Int: [Int]] = [:]
        for row in value.array ?? [] {
            let numbers = try integers(row, of: key, 0...allowed.upperBound)
            guard numbers.count == 1 + count, numbers.dropFirst().allSatisfy(allowed.contains) else {
                throw SAMError(
                    .configuration, "\(key) wants rows of a block and \(count) numbers above 0, not \(numbers)")
            }
            table[numbers[0]] = Array(numbers.dropFirst())
        }
        return table
    }

    /// Three numbers, one for each of R, G and B.
    static func colour(_ value: JSONValue, of key: String, isPositive: Bool) throws(SAMError) -> [Float] {
        let numbers = (value.array ?? []).compactMap(\.double).map { Float($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite), !isPositive || numbers.allSatisfy({ $0 > 0 })
        else {
            throw SAMError(.configuration, "\(key) is \(value.text(pretty: false)); three numbers are wanted")
        }
        return numbers
    }

    /// One of a few names.
    static func choice<Choice: RawRepresentable & CaseIterable>(
        _ value: JSONValue, of key: String
    ) throws(SAMError) -> Choice where Choice.RawValue == String {
        guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw SAMError(.configuration, "\(key) is \(value.text(pretty: false)); one of \(known) is wanted")
        }
        return choice
    }
}
