/// The numbers of arrays, one after the other in memory that is used again and again.
///
/// Its owner frees the memory with ``deallocate()``.
struct JSONNumberScratch {
    /// Numbers that are kept room for; arrays with more are left to those who make room for each.
    private static let most = 1 << 20

    /// An array, or an array of arrays, while it is being read.
    struct Run {
        /// The place after what was read.
        var cursor: Int
        var hasPlainIntegers = false
        var hasDecimalIntegers = false
        /// Whether white space other than blanks was passed.
        var mayHaveFeeds = false
    }

    private var buffer: UnsafeMutablePointer<Double>
    private var capacity = 1024
    /// Numbers read since the last ``removeAll()``.
    private(set) var count = 0
    /// For each list of the array of arrays where it starts, and at last where the last one ends.
    private var bounds: UnsafeMutablePointer<Int>
    private var boundCapacity = 64
    /// Lists read since the last ``removeAll()``.
    private(set) var listCount = 0

    init() {
        buffer = .allocate(capacity: capacity)
        bounds = .allocate(capacity: boundCapacity)
        bounds[0] = 0
    }

    func deallocate() {
        buffer.deallocate()
        bounds.deallocate()
    }

    mutating func removeAll() {
        count = 0
        listCount = 0
    }

    func numbers(_ range: Range<Int>) -> UnsafeBufferPointer<Double> {
        UnsafeBufferPointer(start: buffer + range.lowerBound, count: range.count)
    }

    func list(_ index: Int) -> UnsafeBufferPointer<Double> { numbers(bounds[index]..<bounds[index &+ 1]) }

    /// Reads an array of arrays of numbers that starts at the cursor; false when there is anything else.
    mutating func readLists(_ run: inout Run, _ parser: inout JSONPullParser) -> Bool {
        guard parser.base[run.cursor] == UInt8(ascii: "[") else { return false }
        run.cursor &+= 1
        bounds[listCount] = count
        guard let first = next(&run, parser) else { return false }
        if first == UInt8(ascii: "]") {
            run.cursor &+= 1
            return true
        }
        while true {
            guard readArray(&run, &parser) else { return false }
            addBound()
            guard let mark = next(&run, parser) else { return false }
            run.cursor &+= 1
            if mark == UInt8(ascii: "]") { return true }
            guard mark == UInt8(ascii: ","), next(&run, parser) != nil else { return false }
        }
    }

    /// Reads an array of finite numbers that starts at the cursor; false when there is anything else.
    mutating func readArray(_ run: inout Run, _ parser: inout JSONPullParser) -> Bool {
        guard parser.base[run.cursor] == UInt8(ascii: "[") else { return false }
        run.cursor &+= 1
        guard let first = next(&run, parser) else { return false }
        if first == UInt8(ascii: "]") {
            run.cursor &+= 1
            return true
        }
        var patience = NumberPatience()
        while true {
            if patience.triesRun {
                let before = count
                var short = DelimitedNumbers(
                    base: parser.base, cursor: run.cursor, end: parser.end, step: parser.commaStep)
                let stop = short.read(into: buffer, &count, capacity: capacity)
                run.cursor = short.cursor
                run.hasPlainIntegers = run.hasPlainIntegers || short.hasPlainIntegers
                run.hasDecimalIntegers = run.hasDecimalIntegers || short.hasDecimalIntegers
                if stop == .closed { return true }
                if stop == .full, grow() { continue }
                patience.noteRun(of: count &- before)
            }
            guard readNumber(&run, &parser), let mark = next(&run, parser) else { return false }
            run.cursor &+= 1
            if mark == UInt8(ascii: "]") { return true }
            guard mark == UInt8(ascii: ","), run.cursor < parser.end else { return false }
            parser.commaStep = parser.base[run.cursor] == 0x20 ? 2 : 1
        }
    }

    /// Reads one number of any form.
    private mutating func readNumber(_ run: inout Run, _ parser: inout JSONPullParser) -> Bool {
        guard let byte = next(&run, parser), parser.startsNumber(byte), count < capacity || grow() else { return false }
        parser.offset = run.cursor
        guard let number = try? parser.scanNumber(), number.value.isFinite else { return false }
        buffer[count] = number.value
        count &+= 1
        run.cursor = parser.offset
        run.hasPlainIntegers = run.hasPlainIntegers || number.isIntegerText
        run.hasDecimalIntegers = run.hasDecimalIntegers || !number.isIntegerText && number.hasIntegralValue
        return true
    }

    /// Passes white space; the byte after it, or nil at the text's end.
    @inline(__always)
    private func next(_ run: inout Run, _ parser: JSONPullParser) -> UInt8? {
        while run.cursor < parser.end {
            let byte = parser.base[run.cursor]
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            if byte != 0x20 { run.mayHaveFeeds = true }
            run.cursor &+= 1
        }
        return nil
    }

    private mutating func grow() -> Bool {
        guard capacity < Self.most else { return false }
        let larger = UnsafeMutablePointer<Double>.allocate(capacity: capacity * 2)
        larger.update(from: buffer, count: count)
        buffer.deallocate()
        buffer = larger
        capacity *= 2
        return true
    }

    private mutating func addBound() {
        listCount &+= 1
        if listCount == boundCapacity {
            let larger = UnsafeMutablePointer<Int>.allocate(capacity: boundCapacity * 2)
            larger.update(from: bounds, count: boundCapacity)
            bounds.deallocate()
            bounds = larger
            boundCapacity *= 2
        }
        bounds[listCount] = count
    }
}
