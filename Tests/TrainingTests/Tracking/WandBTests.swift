import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing
import Training

@Suite struct WandBTests {
    private static func file(_ records: [[UInt8]]) -> [UInt8] {
        records.reduce(into: WandBLog.fileHead) { $0 += WandBLog.chunks(of: $1, at: $0.count) }
    }

    private static func records(_ file: [UInt8]) -> [[UInt8]] {
        var records: [[UInt8]] = []
        file.withUnsafeBytes { bytes in
            WandBLog.read(bytes) { entry in
                records.append(entry.bytes)
                return true
            }
        }
        return records
    }

    /// The head of a file and its first record, byte for byte; the checksum is zlib's of `01 61 62 63`.
    @Test func theFirstRecordIsKnown() {
        let expected: [UInt8] =
            Array(":W&B".utf8) + [0xe1, 0xbe, 0] + [0xa9, 0x20, 0x9d, 0x53, 3, 0, 1] + Array("abc".utf8)
        #expect(Self.file([Array("abc".utf8)]) == expected)
    }

    /// Records of all lengths around a block, at all places around its end: no chunk is split, and all come back.
    @Test func recordsOfAllLengthsComeBack() {
        let block = 32 * 1024
        for first in (block - 32)...(block - 7) {
            for second in [0, 1, block - 8, block - 7, block - 6, 2 * block + 5] {
                let records = [
                    [UInt8](repeating: 1, count: first - 7), (0..<second).map { UInt8(truncatingIfNeeded: $0) }, [9],
                ]
                let file = Self.file(records)
                #expect(Self.records(file) == records, "\(first) \(second)")
            }
        }
    }

    /// A file that was cut, or changed, gives the records before that place.
    @Test func damageEndsAFileWithoutHarm() {
        let records = (1...40).map { [UInt8](repeating: UInt8($0), count: $0 * 50) }
        let file = Self.file(records)
        for length in stride(from: 0, to: file.count, by: 101) {
            let read = Self.records(Array(file.prefix(length)))
            #expect(read == Array(records.prefix(read.count)))
        }
        for position in stride(from: 0, to: file.count, by: 97) {
            var damaged = file
            damaged[position] ^= 0x40
            let read = Self.records(damaged)
            // Nothing looks at the zeros at a block's end.
            #expect(read == Array(records.prefix(read.count)) && read.count < records.count || read == records)
            #expect(read.count < records.count || (32_761..<32_768).contains(position % 32_768))
        }
    }

    /// Rows of history: number, step and names of their metrics.
    private static func rows(_ path: String) throws -> [(row: Int, step: Int, names: [String])] {
        try records(try FileSystem.read(path)).compactMap { record in
            try record.withUnsafeBytes { bytes throws(ShardError) in try row(bytes) }
        }
    }

    private static func row(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ShardError) -> (row: Int, step: Int, names: [String])? {
        var reader = WireReader(bytes)
        var result: (row: Int, step: Int, names: [String])?
        while let (number, type) = try reader.field() {
            guard number == 2 else {
                try reader.skip(type)
                continue
            }
            var values: [String: String] = [:]
            var names: [String] = []
            var history = try reader.message()
            while let (number, type) = try history.field() {
                guard number == 1 else {
                    try history.skip(type)
                    continue
                }
                var item = try history.message()
                var name = ""
                while let (number, _) = try item.field() {
                    let text = String(decoding: try item.delimited(), as: UTF8.self)
                    if number == 2 { name = text } else { values[name] = text }
                }
                names.append(name)
            }
            result = (Int(values["_step"] ?? "") ?? -1, Int(values["step"] ?? "") ?? -1, names)
        }
        return result
    }

    private static func files(_ run: TrackedRun) throws -> [String] {
        try FileSystem.list(run.folder.wandbPath).map { folder in
            let path = run.folder.wandbPath + "/" + folder
            let names = try FileSystem.list(path).filter { $0.hasSuffix(".wandb") }
            #expect(names.count == 1)
            return path + "/" + names[0]
        }
    }

    @Test func aFileHoldsWhatHappened() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory)
        let tracker = WandBTracker()
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        let remark = try #require(try tracker.end(.finished))
        #expect(remark.contains("wandb sync") && remark.contains(run.folder.wandbPath))
        let path = try #require(try Self.files(run).first)
        let rows = try Self.rows(path)
        #expect(rows.map(\.row) == Array(0..<8) && rows.map(\.step) == [1, 2, 2, 2, 3, 4, 4, 4])
        #expect(rows[0].names.contains("train/loss") && rows[2].names.contains("validation/box/iou"))
        #expect(rows[3].names.contains("samples/cell-1"))
        let folder = (path as NSString).deletingLastPathComponent
        let pictures = try FileSystem.list(folder + "/files/media/images/samples")
        #expect(pictures.count == 2)
        #expect(try FileSystem.read(folder + "/files/media/images/samples/" + pictures[0]) == [0x89, 1, 2, 3])
        #expect(
            FileSystem.lastComponent(folder).hasPrefix("offline-run-20231114_") || folder.contains("offline-run-202311")
        )
    }

    /// Killed and resumed, each row has a number of its own and each step stands once.
    @Test(arguments: [(0, true), (2, false), (2, true), (3, true), (4, false), (4, true)])
    func aResumedRunHasEachStepOnce(step: Int, isEpochClosed: Bool) throws {
        let directory = try TemporaryDirectory()
        let first = try TrackingFixture.run(in: directory)
        let tracker = WandBTracker()
        try tracker.begin(first)
        try TrackingFixture.record(tracker, in: first)
        let path = try #require(try Self.files(first).first)
        try AtomicFileWriter.write(Array(try FileSystem.read(path).dropLast(2)), to: path)
        let second = try TrackingFixture.run(in: directory, at: ResumePoint(step: step, isEpochClosed: isEpochClosed))
        let resumed = WandBTracker()
        try resumed.begin(second)
        if step % 2 == 0, step > 0, !isEpochClosed {
            let end = try TrackingFixture.line(TrackingFixture.epoch(step / 2, step: step))
            try resumed.record(end)
            try resumed.show([try TrackingFixture.picture(in: second)], at: end)
        }
        if step < 4 { try TrackingFixture.record(resumed, steps: (step + 1)...4, in: second) }
        _ = try resumed.end(.finished)
        let files = try Self.files(second)
        #expect(files.count == 2)
        #expect(Set(files.map { FileSystem.lastComponent($0) }).count == 1)
        let rows = try files.flatMap { try Self.rows($0) }
        #expect(rows.map(\.row) == Array(0..<rows.count))
        #expect(rows.filter { $0.names.contains("train/loss") }.map(\.step) == [1, 2, 3, 4])
        #expect(rows.filter { $0.names.contains("epoch/loss") }.map(\.step) == [2, 4])
    }
}
