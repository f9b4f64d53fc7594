/// Reads the objects of a list that all look alike, at several times the speed of reading them token by token.
///
/// The text between the values, such as `, "image_id": `, is remembered from one object to the next and compared in
/// whole words. An object that is in any way unusual (malformed, a key twice or with escapes, a value of another kind
/// than the key's) is declined, and the reader of tokens then says what it is: so nothing is decided here but that an
/// object is regular. Values stay where they are until the next object is read; memory is constant.
///
/// What changes while objects are read lies behind pointers: the checks of exclusive access to an object's properties
/// would cost more than the reading.
package final class JSONRecordReader {
    /// What the value of a key must be for an object to be regular.
    package enum Kind: Sendable {
        /// A number without point and exponent of at most 18 digits.
        case integer
        /// 0, 1, true or false, given as ``Slot/integer``.
        case flag
        /// A finite number.
        case number
        /// An array of finite numbers.
        case numbers
        /// An array of arrays of finite numbers, or any object, of which only the place is given.
        case numberListsOrObject
        /// A string without escapes.
        case string
        /// Anything, only passed as by ``JSONPullParser/passValue()``.
        case passed
    }

    /// The value of a key.
    package struct Slot {
        /// The value's bytes.
        package fileprivate(set) var range = 0..<0
        package fileprivate(set) var integer: Int64 = 0
        package fileprivate(set) var number = 0.0
        /// Of a number: whether it has neither point nor exponent.
        package fileprivate(set) var isIntegerText = false
        /// Of arrays: whether a number is written as `12`.
        package fileprivate(set) var hasPlainIntegers = false
        /// Of arrays: whether a number is written as `12.0`.
        package fileprivate(set) var hasDecimalIntegers = false
        /// Of an array, its numbers; of an array of arrays, its arrays.
        fileprivate var elements = 0..<0

        /// Of an array, how many elements it has.
        package var count: Int { elements.count }
    }

    /// A member whose key the reader does not know.
    package struct Extra {
        /// The bytes of the key between its quotes, which are the key itself.
        package let key: Range<Int>
        /// The value's bytes.
        package let value: Range<Int>
    }

    private struct State {
        var scratch = JSONNumberScratch()
        /// For each key whether the object has it, the first one in the lowest bit.
        var present: UInt64 = 0
        var extraCount = 0
        /// Line feeds that were passed in the object.
        var feeds = 0
    }

    let keys: [(name: [UInt8], kind: Kind)]
    let layout = JSONRecordLayout()
    private let state: UnsafeMutablePointer<State>
    private let slots: UnsafeMutablePointer<Slot>
    private let extraMembers: UnsafeMutablePointer<Extra>

    /// - Parameter keys: the keys that are known, and what their values must be; at most 64.
    package init(_ keys: [(name: String, kind: Kind)]) {
        precondition((1...64).contains(keys.count), "\(keys.count) keys; 1 to 64 are possible")
        self.keys = keys.map { (Array($0.name.utf8), $0.kind) }
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        slots = .allocate(capacity: keys.count)
        slots.initialize(repeating: Slot(), count: keys.count)
        extraMembers = .allocate(capacity: JSONRecordLayout.mostSteps)
    }

    deinit {
        state.pointee.scratch.deallocate()
        state.deallocate()
        slots.deallocate()
        extraMembers.deallocate()
    }

    // MARK: What was read

    /// The value of a key of the object that was read last, valid until the next is read; nil where the object has no
    /// such key.
    package func slot(_ index: Int) -> UnsafePointer<Slot>? {
        state.pointee.present & 1 << UInt64(index) == 0 ? nil : UnsafePointer(slots + index)
    }

    /// The members whose keys are unknown, in the order of the text; valid until the next object is read.
    package var extras: UnsafeBufferPointer<Extra> {
        UnsafeBufferPointer(start: extraMembers, count: state.pointee.extraCount)
    }

    /// The numbers of an array; valid until the next object is read.
    package func numbers(of slot: UnsafePointer<Slot>) -> UnsafeBufferPointer<Double> {
        state.pointee.scratch.numbers(slot.pointee.elements)
    }

    /// Copies the arrays of an array of arrays, into the arrays that are there as far as they go.
    package func copyLists(of slot: UnsafePointer<Slot>, to lists: inout [[Double]]) {
        let elements = slot.pointee.elements
        if lists.count > elements.count { lists.removeLast(lists.count - elements.count) }
        for (place, index) in elements.enumerated() {
            let list = state.pointee.scratch.list(index)
            if place < lists.count {
                lists[place].removeAll(keepingCapacity: true)
                lists[place].append(contentsOf: list)
            } else {
                lists.append([Double](list))
            }
        }
    }

    // MARK: Reading

    /// Reads the object at the cursor, which is then behind it.
    ///
    /// - Returns: false when there is no regular object, or the text's end is near; the parser is then as it was.
    package func read(_ parser: inout JSONPullParser) -> Bool {
        let mark = parser.mark
        let nonFinite = parser.firstNonFinite
        guard parser.depth &+ 3 < parser.maximumDepth, !parser.sawLoneSurrogate else { return false }
        if readMembers(&parser) {
            parser.countLines(upTo: parser.offset, from: mark.offset, feeds: state.pointee.feeds)
            parser.justOpened = false
            return true
        }
        parser.rewind(to: mark)
        parser.firstNonFinite = nonFinite
        return false
    }

    private func readMembers(_ parser: inout JSONPullParser) -> Bool {
        state.pointee.scratch.removeAll()
        state.pointee.extraCount = 0
        state.pointee.feeds = 0
        state.pointee.present = 0
        let base = parser.base
        let steps = layout.steps
        // Nothing below looks further than that without looking for the end.
        let last = parser.end &- JSONRecordLayout.longestText &- 64
        var present: UInt64 = 0
        var feeds = 0
        var cursor = parser.offset
        var index = 0
        while true {
            guard cursor <= last else { return false }
            if !layout.matches(index, base + cursor) {
                guard learn(index, at: cursor, parser) else { return false }
            }
            let step = steps + index
            cursor &+= step.pointee.count
            feeds &+= step.pointee.feeds
            if step.pointee.isEnd { break }
            let start = cursor
            let known = step.pointee.key
            if known >= 0 {
                guard readValue(step.pointee.kind, slots + known, at: &cursor, &parser) else { return false }
                slots[known].range = start..<cursor
                present |= 1 << UInt64(known)
            } else {
                guard passValue(at: &cursor, &parser) else { return false }
                let key = start &- step.pointee.count &+ step.pointee.name.lowerBound
                let extra = Extra(key: key..<key &+ step.pointee.name.count, value: start..<cursor)
                (extraMembers + state.pointee.extraCount).initialize(to: extra)
                state.pointee.extraCount &+= 1
            }
            index &+= 1
        }
        parser.offset = cursor
        state.pointee.present = present
        state.pointee.feeds &+= feeds
        return true
    }

    /// Reads the value of a known key, which starts at the cursor.
    private func readValue(
        _ kind: Kind, _ slot: UnsafeMutablePointer<Slot>, at cursor: inout Int, _ parser: inout JSONPullParser
    ) -> Bool {
        switch kind {
        case .integer:
            guard let integer = Self.integer(parser.base, at: &cursor) else { return false }
            slot.pointee.integer = integer
        case .flag:
            guard let flag = Self.flag(parser.base, at: &cursor) else { return false }
            slot.pointee.integer = flag
        case .number:
            parser.offset = cursor
            guard parser.startsNumber(parser.base[cursor]), let number = try? parser.scanNumber(),
                number.value.isFinite
            else { return false }
            slot.pointee.number = number.value
            slot.pointee.isIntegerText = number.isIntegerText
            cursor = parser.offset
        case .numbers:
            let first = state.pointee.scratch.count
            var run = JSONNumberScratch.Run(cursor: cursor)
            guard state.pointee.scratch.readArray(&run, &parser) else { return false }
            finish(run, slot, elements: first..<state.pointee.scratch.count, at: &cursor, parser)
        case .numberListsOrObject:
            if parser.base[cursor] == UInt8(ascii: "{") {
                slot.pointee.elements = 0..<0
                return passValue(at: &cursor, &parser)
            }
            let first = state.pointee.scratch.listCount
            var run = JSONNumberScratch.Run(cursor: cursor)
            guard state.pointee.scratch.readLists(&run, &parser) else { return false }
            finish(run, slot, elements: first..<state.pointee.scratch.listCount, at: &cursor, parser)
        case .string:
            parser.offset = cursor
            guard parser.base[cursor] == UInt8(ascii: "\""), let token = try? parser.scanString(), token.isPlain else {
                return false
            }
            cursor = parser.offset
        case .passed:
            let start = cursor
            parser.offset = cursor
            guard (try? parser.passValue()) != nil else { return false }
            cursor = parser.offset
            countFeeds(in: start..<cursor, parser)
        }
        return true
    }

    private func finish(
        _ run: JSONNumberScratch.Run, _ slot: UnsafeMutablePointer<Slot>, elements: Range<Int>,
        at cursor: inout Int, _ parser: JSONPullParser
    ) {
        slot.pointee.hasPlainIntegers = run.hasPlainIntegers
        slot.pointee.hasDecimalIntegers = run.hasDecimalIntegers
        slot.pointee.elements = elements
        if run.mayHaveFeeds { countFeeds(in: cursor..<run.cursor, parser) }
        cursor = run.cursor
    }

    /// Passes any value that holds no number beyond the finite ones.
    private func passValue(at cursor: inout Int, _ parser: inout JSONPullParser) -> Bool {
        let start = cursor
        parser.offset = cursor
        parser.firstNonFinite = nil
        guard (try? parser.skipValue()) != nil, parser.firstNonFinite == nil else { return false }
        cursor = parser.offset
        if parser.base[start] == UInt8(ascii: "{") || parser.base[start] == UInt8(ascii: "[") {
            countFeeds(in: start..<cursor, parser)
        }
        return true
    }

    private func countFeeds(in range: Range<Int>, _ parser: JSONPullParser) {
        state.pointee.feeds &+= ByteCount.of(0x0a, in: parser.base + range.lowerBound, count: range.count)
    }
}
