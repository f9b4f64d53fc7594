import Foundation
import Runtime
import Shards
import TestSupport
import Testing

/// A shard that grows, and what a kill leaves of it.
@Suite struct RecordAppenderTests {
    private static let payloads: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 300)]

    private func write(_ payloads: [[UInt8]], to path: String) throws -> Int {
        let appender = try #require(try RecordAppender(path: path))
        for payload in payloads { _ = try appender.append(payload) }
        return appender.droppedBytes
    }

    private func contents(_ path: String) throws -> [[UInt8]] {
        let index = RecordIndex.path(of: path)
        return try RecordFileTests.contents(RecordFile(path: path, indexPath: index))
    }

    @Test func whatIsAddedIsThereWithItsIndex() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.tfrecord")
        #expect(try write(Array(Self.payloads[..<2]), to: path) == 0)
        #expect(try write(Array(Self.payloads[2...]), to: path) == 0)
        #expect(try contents(path) == Self.payloads)
        #expect(try FileSystem.read(directory.file("a.idx")) == Array("0 19\n19 16\n35 316\n".utf8))
        #expect(try FileSystem.read(path) == Self.payloads.flatMap { RecordFraming.frame($0) })
    }

    /// A kill may end the file anywhere: whole records stay, the rest is dropped, and the next record follows.
    @Test func aPartAtTheEndIsDropped() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.tfrecord")
        let whole = Self.payloads.flatMap { RecordFraming.frame($0) }
        for length in 0...whole.count {
            try AtomicFileWriter.write(Array(whole[..<length]), to: path)
            let kept = [0, 19, 35, 351].lastIndex { $0 <= length } ?? 0
            let scan = try RecordScan(RandomAccessFile(path: path))
            #expect(scan.index.count == kept && (scan.damage == nil) == [0, 19, 35, 351].contains(length))
            #expect(scan.damage.map { $0.code == .truncated } ?? true)
            #expect(try write([[9]], to: path) == length - [0, 19, 35, 351][kept])
            #expect(try contents(path) == Array(Self.payloads[..<kept]) + [[9]], "cut at \(length)")
        }
    }

    @Test func aDamagedHeaderIsNoPart() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.tfrecord")
        var bytes = Self.payloads.flatMap { RecordFraming.frame($0) }
        bytes[20] ^= 1
        try AtomicFileWriter.write(bytes, to: path)
        let error = #expect(throws: ShardError.self) { _ = try RecordAppender(path: path) }
        #expect(error?.code == .checksum && error?.location?.record == 1)
        #expect(try FileSystem.read(path) == bytes, "nothing was dropped")
    }

    @Test func onlyOneAdds() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.tfrecord")
        let first = try #require(try RecordAppender(path: path))
        #expect(try RecordAppender(path: path) == nil)
        _ = try first.append([1])
        withExtendedLifetime(first) {}
    }

    /// Bytes behind the end are not there, and no reason to end the process.
    @Test func readingBehindTheEndGivesLess() throws {
        let directory = try TemporaryDirectory()
        try AtomicFileWriter.write([1, 2, 3], to: directory.file("a"))
        let file = try RandomAccessFile(path: directory.file("a"))
        #expect(try file.read(1..<10) == [2, 3] && file.read(5..<9).isEmpty && file.count == 3)
        #expect(throws: FileError.self) { _ = try RandomAccessFile(path: directory.path) }
        #expect(throws: FileError.self) { _ = try RandomAccessFile(path: directory.file("b")) }
    }
}
