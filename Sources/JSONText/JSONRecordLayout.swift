/// What stands between the values of objects that look alike: for each member the text up to its value, and at last the
/// text up to the closing brace.
///
/// Texts are kept as whole words, the last one filled with zeros, so that they are compared a word at a time.
final class JSONRecordLayout {
    /// The longest text of one step, in bytes.
    static let longestText = 256
    /// Most members of an object, with the end.
    static let mostSteps = 64
    private static let mostWords = 1024

    /// A member up to its value, or the end.
    struct Step {
        /// Bytes up to the value, or up to and with the closing brace.
        var count = 0
        /// Line feeds among them.
        var feeds = 0
        /// Of the member's key among those known; negative for an unknown one.
        var key = -1
        var kind = JSONRecordReader.Kind.passed
        /// The key's bytes between its quotes, from the start of the step's text.
        var name = 0..<0
        var isEnd = false
        /// The first of its words.
        fileprivate var word = 0
        /// Of the last word, the bits that belong to the text.
        fileprivate var mask: UInt64 = 0
    }

    /// The members in the order of the text, and at last the end; one whose text is no text is not known yet.
    let steps: UnsafeMutablePointer<Step>
    private let words: UnsafeMutablePointer<UInt64>
    private var count = 0
    private var wordCount = 0

    init() {
        steps = .allocate(capacity: Self.mostSteps)
        steps.initialize(repeating: Step(), count: Self.mostSteps)
        words = .allocate(capacity: Self.mostWords)
        words.initialize(repeating: 0, count: Self.mostWords)
    }

    deinit {
        steps.deallocate()
        words.deallocate()
    }

    /// Whether the text of a step stands at `text`, where ``longestText`` bytes can be read.
    @inline(__always)
    func matches(_ index: Int, _ text: UnsafePointer<UInt8>) -> Bool {
        guard index < Self.mostSteps else { return false }
        let step = steps + index
        let text = UnsafeRawPointer(text)
        let words = words + step.pointee.word
        let full = (step.pointee.count &- 1) >> 3
        // A step that is not known has no bytes: no word then, not even a last one.
        guard full >= 0 else { return false }
        var word = 0
        while word < full {
            if text.loadUnaligned(fromByteOffset: word &* 8, as: UInt64.self) != words[word] { return false }
            word &+= 1
        }
        let last = text.loadUnaligned(fromByteOffset: full &* 8, as: UInt64.self)
        return (last ^ words[full]) & step.pointee.mask == 0
    }

    /// Forgets the steps from `count` on.
    func truncate(to count: Int) {
        guard count < self.count else { return }
        wordCount = steps[count].word
        for index in count..<self.count { steps[index] = Step() }
        self.count = count
    }

    /// Whether a step has the key.
    func hasKey(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        (0..<count).contains { index in
            let step = steps[index]
            guard !step.isEnd, step.name.count == name.count else { return false }
            return step.name.indices.allSatisfy { byte(at: $0, of: step) == name[$0 &- step.name.lowerBound] }
        }
    }

    /// Adds a step; false when there is no room for it.
    func append(
        text: UnsafePointer<UInt8>, count: Int, key: Int, kind: JSONRecordReader.Kind, name: Range<Int>, isEnd: Bool
    ) -> Bool {
        let needed = (count &+ 7) >> 3
        guard self.count < Self.mostSteps, wordCount &+ needed <= Self.mostWords, count <= Self.longestText else {
            return false
        }
        var step = Step(count: count, key: key, kind: kind, name: name, isEnd: isEnd)
        step.feeds = ByteCount.of(0x0a, in: text, count: count)
        step.word = wordCount
        step.mask = ~0 >> UInt64(8 &* (needed &* 8 &- count))
        words[wordCount &+ needed &- 1] = 0
        UnsafeMutableRawPointer(words + wordCount).copyMemory(from: text, byteCount: count)
        steps[self.count] = step
        self.count &+= 1
        wordCount &+= needed
        return true
    }

    private func byte(at index: Int, of step: Step) -> UInt8 {
        UnsafeRawPointer(words + step.word).load(fromByteOffset: index, as: UInt8.self)
    }
}
