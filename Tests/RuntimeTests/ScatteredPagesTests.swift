import Foundation
import Runtime
import TestSupport
import Testing

/// Files that are read here and there do not stay in this process's memory.
@Suite struct ScatteredPagesTests {
    private static let block = 2 << 20
    private static let blocks = 96

    /// Bytes of a mapping that are resident in this process, as the kernel counts them.
    private func residentBytes(_ file: MappedFile) throws -> Int {
        let address = String(UInt(bitPattern: file.bytes.baseAddress), radix: 16)
        // Its size is said to be 0: it is read to its end.
        let maps = try #require(try FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd())
        let lines = String(decoding: maps, as: UTF8.self).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix(address + "-") })
        let line = try #require(lines[start...].first { $0.hasPrefix("Rss:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 1024
    }

    /// A file of which each block begins with its number, and holds nothing else.
    private func file(in directory: TemporaryDirectory) throws -> String {
        let path = directory.file("blocks")
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        for number in 0..<Self.blocks {
            try handle.seek(toOffset: UInt64(number * Self.block))
            try handle.write(contentsOf: [UInt8(number)])
        }
        try handle.truncate(atOffset: UInt64(Self.blocks * Self.block))
        try handle.close()
        return path
    }

    @Test func pagesAreGivenBackAndComeAgain() throws {
        let directory = try TemporaryDirectory()
        let mapped = try MappedFile(path: try file(in: directory), access: .random)
        var most = 0
        // Every block is read, in no order, twice: together three times the memory that may stay.
        for turn in 0..<2 * Self.blocks {
            let number = turn * 37 % Self.blocks
            let range = number * Self.block..<(number + 1) * Self.block
            let (first, sum) = mapped.withBytes(reading: range) { bytes in
                (
                    bytes[range.lowerBound],
                    stride(from: range.lowerBound, to: range.upperBound, by: 4096).reduce(0) { $0 + Int(bytes[$1]) }
                )
            }
            #expect(Int(first) == number && sum == number)
            most = max(most, try residentBytes(mapped))
        }
        #expect(most <= 33 * Self.block, "\(most >> 20) MB")
        // Read in one go it would be there as a whole, so that the measure sees what it is to see. Other tests may give pages
        // back meanwhile.
        let isSeen = try (0..<5).contains { _ in
            #expect(mapped.bytes.reduce(0) { $0 + Int($1) } == (0..<Self.blocks).reduce(0, +))
            return try residentBytes(mapped) > 64 * Self.block
        }
        #expect(isSeen)
    }
}
