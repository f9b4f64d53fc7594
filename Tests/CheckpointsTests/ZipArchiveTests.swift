import Checkpoints
import Runtime
import TestSupport
import Testing

@Suite struct ZipArchiveTests {
    typealias Entry = TestZip.Entry

    static let sound = TestZip(entries: [
        Entry(name: "top/data.pkl", content: Array("abc".utf8)),
        Entry(name: "top/data/0", content: [1, 2, 3, 4, 5], flags: 0x808, localExtra: [0x46, 0x42, 2, 0, 0x5a, 0x5a]),
        Entry(name: "top/empty/", content: []),
    ])

    private static func read(_ zip: TestZip) throws(CheckpointError) -> ZipArchive {
        let bytes = zip.bytes
        let result: Result<ZipArchive, CheckpointError> = bytes.withUnsafeBytes { raw in
            do throws(CheckpointError) { return .success(try ZipArchive(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    @Test func entriesAreFoundInPlace() throws {
        let bytes = Self.sound.bytes
        let archive = try Self.read(Self.sound)
        #expect(archive.entries.map(\.name) == ["top/data.pkl", "top/data/0", "top/empty/"])
        for (entry, wanted) in zip(archive.entries, Self.sound.entries) {
            #expect(Array(bytes[entry.range]) == wanted.content)
            try archive.checkStored(entry)
            try bytes.withUnsafeBytes { try archive.checkChecksum(entry, in: $0) }
        }
        #expect(archive["top/data/0"]?.range.count == 5 && archive["data/0"] == nil)
    }

    @Test func commentsAndZip64AreRead() throws {
        var zip = Self.sound
        // A comment that looks like the end of a directory, but does not reach to the end of the file.
        zip.comment = TestZip.little(UInt32(0x0605_4b50)) + [UInt8](repeating: 0, count: 30)
        #expect(try Self.read(zip).entries.count == 3)
        zip.zip64 = { TestZip.end64(count: 3, start: $0, size: $1) }
        #expect(try Self.read(zip).entries.count == 3)
        zip.count = 0xffff
        zip.directorySize = 0xffff_ffff
        zip.directoryOffset = 0xffff_ffff
        zip.entries[1].directorySize = 0xffff_ffff
        zip.entries[1].directoryExtra =
            TestZip.little(UInt16(9), 1) + [0] + TestZip.little(UInt16(1), 16)
            + TestZip.little(UInt64(5), 5)
        let archive = try Self.read(zip)
        #expect(archive.entries.map(\.range.count) == [3, 5, 0])
    }

    /// One falsehood each, and words of the error that names it.
    @Test func everyFalsehoodIsNamed() {
        func expectFailure(_ words: String, _ code: CheckpointError.Code = .archive, _ change: (inout TestZip) -> Void)
        {
            var zip = Self.sound
            change(&zip)
            let error = #expect(throws: CheckpointError.self, "\(words)") { try Self.read(zip) }
            #expect(
                error?.code == code && error?.message.contains(words) == true, "\(words): \(String(describing: error))")
        }
        expectFailure("twice") { $0.entries[2].name = "top/data.pkl" }
        expectFailure("starts inside") { zip in
            // The content of the first entry holds a second one.
            let inner = Entry(name: "top/data.pkm", content: [1, 2, 3])
            zip.entries[0].content = TestZip(entries: [inner]).bytes
            zip.entries[1] = inner
            zip.entries[1].localOffset = 30 + 12
        }
        expectFailure("does not end before the directory") { $0.entries[1].directorySize = 5000 }
        expectFailure("no entry") { $0.entries[1].localOffset = 7 }
        expectFailure("no entry") { $0.entries[1].localOffset = 0xfff0_0000 }
        expectFailure("is not that of") { $0.entries[1].localName = "top/data/1" }
        expectFailure("by its header") { $0.entries[0].localSize = 2 }
        expectFailure("lacks its 64-bit") { $0.entries[1].directorySize = 0xffff_ffff }
        expectFailure("does not end before the directory") { zip in
            zip.entries[1].directorySize = 0xffff_ffff
            zip.entries[1].directoryExtra = TestZip.little(UInt16(1), 16) + TestZip.little(UInt64.max, .max)
        }
        expectFailure("does not end before the directory") { zip in
            zip.entries[1].directorySize = 0xffff_ffff
            zip.entries[1].directoryExtra = TestZip.little(UInt16(1), 16) + TestZip.little(UInt64(1) << 63, 1 << 63)
        }
        expectFailure("cannot list") { $0.count = 9000 }
        expectFailure("should end at byte") { $0.count = 2 }
        expectFailure("do not end where") { $0.directorySize = 10 }
        expectFailure("do not end where") { $0.directoryOffset = 0xffff_fff0 }
        expectFailure("do not end where") { $0.gap = [0] }
        expectFailure("zip64 directory end is missing") { $0.count = 0xffff }
        expectFailure("contradict") { zip in zip.zip64 = { TestZip.end64(count: 2, start: $0, size: $1) } }
        expectFailure("several disks") { zip in
            zip.zip64 = { start, size in
                var end = TestZip.end64(count: 3, start: start, size: size)
                end[16] = 1
                return end
            }
        }
        for (offset, words) in [(64, "no zip64 directory end"), (71, "no zip64 directory end"), (4, "another length")] {
            expectFailure(words) { zip in
                zip.zip64 = { start, size in
                    var end = TestZip.end64(count: 3, start: start, size: size)
                    end[offset] ^= 0x81
                    return end
                }
            }
        }
        expectFailure("cannot list") { zip in
            zip.count = 0xffff
            zip.zip64 = { TestZip.end64(count: .max, start: $0, size: $1) }
        }
        expectFailure("do not end where") { zip in
            zip.directorySize = 0xffff_ffff
            zip.zip64 = { start, size in
                var end = TestZip.end64(count: 3, start: start, size: size)
                for index in 40..<48 { end[index] = 0xff }
                return end
            }
        }
        expectFailure("not UTF-8") { $0.entries[1].name = "a\0b" }
        expectFailure("not UTF-8") { $0.entries[1].name = "" }
    }

    @Test func everyTruncationIsRefused() {
        let bytes = Self.sound.bytes
        for count in 0..<bytes.count {
            #expect(throws: CheckpointError.self, "\(count) bytes") {
                try bytes[..<count].withUnsafeBytes { try ZipArchive($0) }
            }
        }
    }

    /// Single bytes changed anywhere: an error or a directory whose entries lie in the file.
    @Test func changedBytesNeverCrash() {
        let original = Self.sound.bytes
        var accepted = 0
        for place in original.indices {
            for change: UInt8 in [0x01, 0x80, 0xff] {
                var bytes = original
                bytes[place] ^= change
                bytes.withUnsafeBytes { raw in
                    guard let archive = try? ZipArchive(raw) else { return }
                    accepted += 1
                    for entry in archive.entries { #expect(entry.range.upperBound <= raw.count) }
                }
            }
        }
        #expect(accepted > 100 && accepted < 3 * original.count / 2, "\(accepted) of \(3 * original.count)")
    }

    @Test func packedAndEncryptedEntriesAreRefused() throws {
        var zip = Self.sound
        zip.entries[1].method = 8
        let archive = try Self.read(zip)
        let deflated = #expect(throws: CheckpointError.self) { try archive.checkStored(archive.entries[1]) }
        #expect(deflated?.message.contains("deflated") == true && deflated?.message.contains("torch.save") == true)
        zip.entries[1].method = 0
        zip.entries[1].flags |= 1
        let encrypted = try Self.read(zip)
        let error = #expect(throws: CheckpointError.self) { try encrypted.checkStored(encrypted.entries[1]) }
        #expect(error?.message.contains("encrypted") == true)
    }

    @Test func changedContentIsNamed() throws {
        var zip = Self.sound
        zip.entries[1].checksum = 0x1234_5678
        let archive = try Self.read(zip)
        let error = #expect(throws: CheckpointError.self) {
            try zip.bytes.withUnsafeBytes { try archive.checkChecksum(archive.entries[1], in: $0) }
        }
        #expect(error?.code == .checksum && error?.message.contains("12345678") == true)
        #expect(error?.message.contains("top/data/0") == true)
    }

    /// What the writer writes is read, with and without zip64, and starts where it should.
    @Test(arguments: [(UInt64(0xffff_ffff), 0xffff), (100, 0xffff), (0xffff_ffff, 3), (0, 0)])
    func writtenArchivesAreRead(limit32: UInt64, limit16: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.zip")
        let contents: [(String, [UInt8])] = [
            ("a", []), ("b/ü", Array(0..<200)), ("b/c", [9]), ("d", [UInt8](repeating: 7, count: 70_000)),
        ]
        let writer = try AtomicFileWriter(path: path)
        var zip = ZipWriter(writer, alignment: 64, limit32: limit32, limit16: limit16)
        for (name, content) in contents { try zip.append(name, content) }
        try zip.finish()
        try writer.commit()
        let bytes = try FileSystem.read(path)
        let archive = try bytes.withUnsafeBytes { try ZipArchive($0) }
        #expect(archive.entries.map(\.name) == contents.map(\.0))
        for (entry, content) in Swift.zip(archive.entries, contents) {
            #expect(Array(bytes[entry.range]) == content.1 && entry.range.lowerBound % 64 == 0)
            try bytes.withUnsafeBytes { try archive.checkChecksum(entry, in: $0) }
        }
    }
}
