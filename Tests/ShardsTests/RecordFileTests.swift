import Runtime
import Shards
import TestSupport
import Testing

@Suite struct RecordFileTests {
    static let threeRecords = Repository.fixture("Shards/three.tfrecord")
    static let payloads: [[UInt8]] = [
        [], Array("one".utf8), (0..<40).flatMap { _ in (0..<256).map { UInt8($0) } },
    ]

    static func contents(_ file: RecordFile) throws -> [[UInt8]] {
        try (0..<file.count).map { record in try file.withPayload(at: record) { payload in Array(payload) } }
    }

    /// TensorFlow's writer made the file.
    @Test func readsWhatTensorFlowWrites() throws {
        #expect(try Self.contents(RecordFile(path: Self.threeRecords)) == Self.payloads)
        #expect(try FileSystem.read(Self.threeRecords) == Self.payloads.flatMap { RecordFraming.frame($0) })
    }

    @Test func indexAndScanAgree() throws {
        let directory = try TemporaryDirectory()
        let index = directory.file("three.idx")
        let scanned = try RecordFile(path: Self.threeRecords)
        try AtomicFileWriter.write(scanned.index.text, to: index)
        #expect(try FileSystem.read(index) == Array("0 16\n16 19\n35 10256\n".utf8))
        let indexed = try RecordFile(path: Self.threeRecords, indexPath: index)
        #expect(indexed.index == scanned.index)
        #expect(try Self.contents(indexed) == Self.payloads)
    }

    @Test func emptyFileHasNoRecords() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write("", to: directory.file("empty"))
        #expect(try RecordFile(path: directory.file("empty")).count == 0)
        #expect(
            try RecordFile(path: directory.file("empty"), indexPath: directory.file("empty")).count == 0)
    }

    @Test func everyFlippedBitIsFound() throws {
        let directory = try TemporaryDirectory()
        let good = RecordFraming.frame(Array("payload".utf8)) + RecordFraming.frame([1, 2, 3])
        for bit in 0..<8 * good.count {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            try SampleShapes.write(bad, to: directory.file("bad"))
            let error = #expect(throws: ShardError.self) {
                try Self.contents(RecordFile(path: directory.file("bad")))
            }
            #expect(error?.code == .checksum)
            #expect(error?.location?.path == directory.file("bad"))
            #expect(error?.location?.record == (bit / 8 < 23 ? 0 : 1))
            #expect(error?.location?.byteOffset == (bit / 8 < 23 ? 0 : 23))
        }
    }

    @Test func everyTruncationIsFound() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("cut")
        let good = RecordFraming.frame(Array("payload".utf8)) + RecordFraming.frame([1, 2, 3])
        try AtomicFileWriter.write("0 23\n23 19\n", to: directory.file("idx"))
        for count in 0..<good.count {
            try SampleShapes.write(Array(good[..<count]), to: path)
            if count != 0 && count != 23 {
                let error = #expect(throws: ShardError.self) { try RecordFile(path: path) }
                #expect(error?.code == .truncated)
                #expect(error?.location?.record == (count < 23 ? 0 : 1))
            }
            let error = #expect(throws: ShardError.self) {
                try RecordFile(path: path, indexPath: directory.file("idx"))
            }
            #expect(error?.code == .truncated)
        }
    }

    /// A length with a valid checksum that the file cannot hold: nothing is allocated for it.
    @Test(arguments: [UInt64(1), 1 << 31, 1 << 40, 1 << 63, .max, .max - 15])
    func absurdLengthsAreFound(length: UInt64) throws {
        let directory = try TemporaryDirectory()
        var bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        let checksum = bytes.withUnsafeBytes { CRC32C.masked(CRC32C.checksum($0)) }
        bytes += withUnsafeBytes(of: checksum.littleEndian) { Array($0) } + [0, 0, 0, 0]
        try SampleShapes.write(bytes, to: directory.file("long"))
        let error = #expect(throws: ShardError.self) { try RecordFile(path: directory.file("long")) }
        #expect(error?.code == .truncated)
    }

    @Test(arguments: [
        ("", "index"), ("0 16\n", "index"), ("0 16\n16 19\n", "index"), ("0 16\n17 19\n", "index"), ("0 15\n", "index"),
        ("0\n", "index"), ("a b\n", "index"), ("-1 16\n", "index"), ("0 16 3\n", "index"), ("\u{0}", "index"),
        ("0 99999999999999999999\n", "index"), ("0 9223372036854775807\n", "truncated"),
        ("0 16\n16 9223372036854775807\n", "index"), ("0 16\n16 19\n35 10256\n10291 16\n", "truncated"),
    ])
    func wrongIndexIsRefused(text: String, code: String) throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write(text, to: directory.file("bad.idx"))
        let error = #expect(throws: ShardError.self) {
            try RecordFile(path: Self.threeRecords, indexPath: directory.file("bad.idx"))
        }
        #expect(error?.codeName == "shard." + code)
    }

    /// An index that adds up but cuts the records elsewhere is found when such a record is read.
    @Test func indexThatNamesOtherRecordsIsFound() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write("0 35\n35 10256\n", to: directory.file("two.idx"))
        let file = try RecordFile(path: Self.threeRecords, indexPath: directory.file("two.idx"))
        let error = #expect(throws: ShardError.self) { try file.withPayload(at: 0) { _ in } }
        #expect(error?.code == .index)
        #expect(try file.withPayload(at: 1) { $0.count } == 10_240)
    }

    @Test func missingFilesAreNamed() throws {
        let error = #expect(throws: ShardError.self) { try RecordFile(path: "/nonexistent/a.tfrecord") }
        #expect(error?.code == .missing)
        #expect(error?.kind == .inputMissing)
        #expect(throws: ShardError.self) { try RecordFile(path: "/tmp") }
    }
}
