import Runtime
import Shards
import TestSupport
import Testing

@Suite struct ExampleTests {
    /// One of each list, values at the edges of their types, and the empty lists that every record has.
    static let example = Example(features: [
        "bytes": .bytes([[1, 0, 0], [], Array("ä".utf8)]),
        "floats": .floats([0, -1.5, .greatestFiniteMagnitude, .infinity]),
        "integers": .integers([0, 1, -1, 127, 128, .max, .min]),
        "no bytes": .bytes([]), "no floats": .floats([]), "no integers": .integers([]),
    ])

    static func decode(_ bytes: [UInt8]) throws -> Example {
        try bytes.withUnsafeBytes { try Example(decoding: $0) }
    }

    @Test func readsWhatItWrites() throws {
        #expect(try Self.decode(Self.example.encoded()) == Self.example)
        #expect(try Self.decode([]) == Example())
        #expect(Example().encoded() == [0x0a, 0])
    }

    /// A long value has lengths of several bytes at every level.
    @Test(arguments: [126, 127, 128, 16_383, 16_384, 70_000])
    func longValuesSurvive(count: Int) throws {
        let example = Example(features: [
            String(repeating: "k", count: count): .bytes([[UInt8](repeating: 7, count: count)]),
            "i": .integers([Int64](repeating: -1, count: count)), "f": .floats([Float](repeating: 2, count: count)),
        ])
        #expect(try Self.decode(example.encoded()) == example)
    }

    /// `Tests/Fixtures/Shards/write_fixtures.py` made these with protobuf's own serialiser, packed and unpacked.
    @Test(arguments: ["example.pb", "example-unpacked.pb"])
    func readsWhatProtobufWrites(file: String) throws {
        let decoded = try Self.decode(FileSystem.read(Repository.fixture("Shards/" + file)))
        #expect(decoded == Self.example)
    }

    /// Written in key order, as protobuf's deterministic serialiser does.
    @Test func writesWhatProtobufWrites() throws {
        #expect(try Self.example.encoded() == FileSystem.read(Repository.fixture("Shards/example.pb")))
    }

    @Test func laterValuesReplaceEarlierOnes() throws {
        func entry(_ content: [UInt8]) -> [UInt8] { [0x0a, UInt8(content.count)] + content }
        func message(_ entries: [UInt8]...) -> [UInt8] {
            let all = entries.flatMap(entry)
            return [0x0a, UInt8(all.count)] + all
        }
        let key: [UInt8] = [0x0a, 1, UInt8(ascii: "k")]
        let one: [UInt8] = [0x12, 4, 0x1a, 2, 0x08, 1]
        let two: [UInt8] = [0x12, 4, 0x1a, 2, 0x08, 2]
        let empty: [UInt8] = [0x12, 2, 0x0a, 0]
        #expect(try Self.decode(message(key + one, key + two)).features == ["k": .integers([2])])
        #expect(try Self.decode(message(key + one + two)).features == ["k": .integers([1, 2])])
        #expect(try Self.decode(message(key + one + empty)).features == ["k": .bytes([])])
        // A feature without a list is as good as no feature.
        #expect(try Self.decode(message(key + [0x12, 0])).features.isEmpty)
    }

    @Test func unknownFieldsAreSkipped() throws {
        let known = Self.example.encoded()
        let unknown: [UInt8] = [0x10, 0x96, 0x01, 0x1a, 2, 1, 2, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2d, 1, 2, 3, 4]
        #expect(try Self.decode(unknown + known + unknown) == Self.example)
    }

    /// Malformed in one way each.
    @Test(
        arguments: [
            [0x0a], [0x0a, 5, 1], [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x0b], [0x0f, 0], [0x00, 0],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], [0x0d, 1, 2], [0x09, 1, 2],
            [0x0a, 4, 0x0a, 2, 0x0a, 9], [0x0a, 5, 0x0a, 3, 0x0a, 1, 0xff],
            [0x0a, 8, 0x0a, 6, 0x12, 4, 0x12, 2, 0x0a, 3], [0x0a, 9, 0x0a, 7, 0x12, 5, 0x1a, 3, 0x0a, 1, 0x80],
        ] as [[UInt8]])
    func malformedBytesAreNamed(bytes: [UInt8]) throws {
        let error = #expect(throws: ShardError.self) { try Self.decode(bytes) }
        #expect(error?.code == .example)
        #expect(error?.location?.byteOffset != nil)
    }

    /// Any change to a message gives an error or another message, quickly and without a crash.
    @Test func survivesMutations() throws {
        let bytes = Self.example.encoded()
        for round in 0..<4000 {
            var random = CounterRandom(seed: 5, sample: UInt64(round), purpose: RandomPurpose("mutate"))
            var mutant = bytes
            for _ in 0...random.index(below: 4) {
                let at = random.index(below: mutant.count)
                switch random.index(below: 4) {
                case 0: mutant[at] ^= 1 << UInt8(random.index(below: 8))
                case 1: mutant[at] = UInt8(random.index(below: 256))
                case 2: mutant.removeSubrange(at...)
                default: mutant.insert(0xff, at: at)
                }
                if mutant.isEmpty { break }
            }
            do {
                let decoded = try Self.decode(mutant)
                #expect(try Self.decode(decoded.encoded()).encoded() == decoded.encoded())
            } catch {
                #expect(error is ShardError)
            }
        }
    }

    /// A million one-value lists for one key: linear, not quadratic.
    @Test func manySmallListsAreLinear() throws {
        let pieces = 300_000
        let list: [UInt8] = [0x1a, 2, 0x08, 7]
        func message(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
            var bytes = [tag]
            var count = content.count
            while count >= 0x80 {
                bytes.append(UInt8(count & 0x7f) | 0x80)
                count >>= 7
            }
            return bytes + [UInt8(count)] + content
        }
        let lists = Array(repeatElement(list, count: pieces).joined())
        let bytes = message(0x0a, message(0x0a, [0x0a, 1, 0x6b] + message(0x12, lists)))
        #expect(try Self.decode(bytes).features == ["k": .integers([Int64](repeating: 7, count: pieces))])
    }
}
