import Checkpoints
import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct SafeTensorsTests {
    static let types = Repository.fixture("Checkpoints/types.safetensors")

    /// A file of bytes in a fresh directory.
    static func withFile<Result>(_ bytes: [UInt8], _ body: (String) throws -> Result) throws -> Result {
        let directory = try TemporaryDirectory()
        let path = directory.file("model.safetensors")
        try AtomicFileWriter.write(bytes, to: path)
        return try body(path)
    }

    /// A file from a header's text, padded with zeros as data.
    static func file(header: String, dataCount: Int) -> [UInt8] {
        let text = Array(header.utf8)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
            + [UInt8](repeating: 0, count: dataCount)
    }

    /// Every element type, bit for bit as the reference library converts it to float32.
    @Test func readsEveryTypeOfTheReferenceLibrary() throws {
        let state = try SafeTensors.read(Self.types)
        let expected = try FileSystem.read(Repository.fixture("Checkpoints/types.json")).withUnsafeBytes {
            try JSONDocument.parse($0, path: nil)
        }
        let members = try #require(expected.object)
        #expect(Set(state.names) == Set(members.map(\.name)))
        for member in members {
            let tensor = try #require(state[member.name])
            #expect(tensor.shape == member.value["shape"]?.array?.compactMap(\.int), "\(member.name)")
            // Which NaN it is may differ.
            let bits = member.value["bits"]?.array?.compactMap(\.int).map { Float(bitPattern: UInt32($0)) }
            let wanted = bits?.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
            let found = tensor.floats().map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
            #expect(found == wanted, "\(member.name)")
        }
        #expect(state.metadata == ["format": "pt", "über": "ja \"so\" \\ \n"])
    }

    /// Every half-precision number, as the processor converts it.
    @Test func everyHalfIsWidened() {
        let halves = (0...UInt16.max).flatMap { half in withUnsafeBytes(of: half.littleEndian) { Array($0) } }
        let found = StateTensor(shape: [1 << 16], scalarType: .float16, bytes: halves).floats()
        for (half, value) in zip(0...UInt16.max, found) {
            let wanted = Float(Float16(bitPattern: half))
            #expect(value.bitPattern == wanted.bitPattern || value.isNaN && wanted.isNaN, "\(half)")
        }
    }

    @Test func writesWhatItReads() throws {
        let state = try SafeTensors.read(Self.types)
        let directory = try TemporaryDirectory()
        let (first, second) = (directory.file("a.safetensors"), directory.file("b.safetensors"))
        try SafeTensors.write(state, to: first)
        let copy = try SafeTensors.read(first)
        try SafeTensors.write(copy, to: second)
        #expect(try FileSystem.read(first) == FileSystem.read(second))
        #expect(copy.metadata == state.metadata)
        #expect(Set(copy.names) == Set(state.names))
        for entry in state.entries {
            let other = try #require(copy[entry.name])
            #expect(other.shape == entry.tensor.shape && other.scalarType == entry.tensor.scalarType)
            #expect(other.withBytes { Array($0) } == entry.tensor.withBytes { Array($0) }, "\(entry.name)")
        }
    }

    /// The bytes of a small file, written out, so that a change of format cannot pass unseen.
    @Test func writesStableBytes() throws {
        var state = StateDict()
        state.append("b", StateTensor(shape: [1], scalarType: .uint8, bytes: [7]))
        state.append("a", StateTensor(shape: [2], values: [1, -2]))
        state.metadata = ["z": "1", "a": "\"2\""]
        let directory = try TemporaryDirectory()
        try SafeTensors.write(state, to: directory.file("a"))
        let header =
            #"{"__metadata__":{"a":"\"2\"","z":"1"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
            + #""b":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        var bytes = Self.file(header: padded, dataCount: 0)
        bytes += [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7]
        #expect(try FileSystem.read(directory.file("a")) == bytes)
    }

    @Test func emptyCheckpointIsAFile() throws {
        let directory = try TemporaryDirectory()
        try SafeTensors.write(StateDict(), to: directory.file("a"))
        #expect(try SafeTensors.read(directory.file("a")).count == 0)
    }

    /// One broken header per rule, and the error that names it.
    @Test(arguments: [
        ("{}", 1, CheckpointError.Code.layout),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, .truncated),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, .layout),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, 4, .layout),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, .layout),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, .layout),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}"#, 8, .header),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, .layout),
        (
            #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#,
            6, .layout
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}"#,
            3, .layout
        ),
        (
            #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, .layout
        ),
        (#"{"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,0]}}"#, 0, .header),
        (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#, 0, .header),
        (#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, 4, .header),
        (#"{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#, 4, .header),
        (#"{"a":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}"#, 4, .scalarType),
        (#"{"a":{"dtype":"F32","shape":[1]}}"#, 4, .header),
        (#"{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, 4, .header),
        (
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#,
            0, .header
        ),
        (#"{"__metadata__":{"a":1}}"#, 0, .header),
        (#"{"__metadata__":{"a":"1","a":"2"}}"#, 0, .header),
        (#"{"a":[]}"#, 0, .header),
        (#"[]"#, 0, .header),
        (#"{"a":"#, 0, .header),
        (#"{} x"#, 0, .header),
        (#" {}"#, 0, .header),
        ("", 0, .header),
    ])
    func namesWhatIsWrong(header: String, dataCount: Int, code: CheckpointError.Code) throws {
        try Self.withFile(Self.file(header: header, dataCount: dataCount)) { path in
            let error = #expect(throws: CheckpointError.self) { try SafeTensors.read(path) }
            #expect(error?.code == code, "\(String(describing: error))")
        }
    }

    /// A header that claims more than there is allocates nothing of that size.
    @Test(
        arguments: [
            ([1, 2, 3], CheckpointError.Code.truncated),
            ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .header),
            ([0, 0, 0, 0, 1, 0, 0, 0, 0x7b], .header),
            ([100, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d], .truncated),
            ([], .truncated),
            (Array("PK\u{3}\u{4}abcdefgh".utf8), .format),
            (Array("version https://git-lfs.github.com/spec/v1\n".utf8), .format),
        ] as [([UInt8], CheckpointError.Code)])
    func refusesWrongStarts(bytes: [UInt8], code: CheckpointError.Code) throws {
        try Self.withFile(bytes) { path in
            let error = #expect(throws: CheckpointError.self) { try SafeTensors.read(path) }
            #expect(error?.code == code, "\(String(describing: error))")
        }
    }

    @Test func missingFileAndDirectoryAreFileErrors() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.self) { try SafeTensors.read(directory.file("nothing")) }
        #expect(throws: FileError.self) { try SafeTensors.read(directory.path) }
    }

    /// Bytes changed, removed, doubled: an error or a checkpoint whose tensors can be read, never a crash.
    @Test func mutationsNeverCrash() throws {
        let original = try FileSystem.read(Self.types)
        var accepted = 0
        for round in 0..<4000 {
            var random = CounterRandom(seed: 11, sample: UInt64(round), purpose: RandomPurpose("safetensors.fuzz"))
            var bytes = original
            for _ in 0...random.index(below: 3) {
                // Most of the interest lies in the header; every fourth round changes single bytes of the data alone.
                let isData = round % 4 == 0
                let place =
                    isData
                    ? bytes.count - 1 - random.index(below: min(bytes.count, 180))
                    : random.index(below: min(bytes.count, 1050))
                switch random.index(below: isData ? 2 : 4) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[place] ^= 1 << UInt8(random.index(below: 8))
                case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.index(below: 9)))
                default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
                }
                if bytes.isEmpty { break }
            }
            let header = bytes.withUnsafeBytes { buffer in try? SafeTensorsHeader(buffer) }
            guard let header else { continue }
            accepted += 1
            for entry in header.entries {
                #expect(entry.range.lowerBound >= 8 && entry.range.upperBound <= bytes.count)
                let tensor = StateTensor(
                    shape: entry.shape, scalarType: entry.scalarType, bytes: Array(bytes[entry.range]))
                #expect(tensor.floats().count == tensor.elementCount)
            }
        }
        // Changes in the data and in names are harmless; a fuzz that accepts nothing would test the first check alone.
        #expect((200..<3800).contains(accepted), "\(accepted) of 4000 accepted")
    }

    /// Every length of a file that was cut off is refused.
    @Test func everyTruncationIsRefused() throws {
        let original = try FileSystem.read(Self.types)
        for count in 0..<original.count {
            #expect(throws: CheckpointError.self, "\(count) bytes") {
                try original[..<count].withUnsafeBytes { try SafeTensorsHeader($0) }
            }
        }
    }
}
