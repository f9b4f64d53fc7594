import Foundation
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct CRC32CTests {
    @Test(arguments: [("123456789", UInt32(0xe306_9283)), ("", 0), ("a", 0xc1d0_4330)])
    func matchesPublishedValues(text: String, expected: UInt32) {
        #expect(Array(text.utf8).withUnsafeBytes(CRC32C.checksum) == expected)
    }

    @Test(arguments: [1, 7, 8, 4095, 3 * 4096, 3 * 4096 + 5, 100_003])
    func fastPathEqualsTable(count: Int) {
        var random = CounterRandom(seed: 1, sample: UInt64(count), purpose: RandomPurpose("test"))
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        #expect(bytes.withUnsafeBytes(CRC32C.checksum) == bytes.withUnsafeBytes(CRC32C.checksumByTable))
        var split = CRC32C()
        bytes.withUnsafeBytes {
            split.update(UnsafeRawBufferPointer(rebasing: $0[..<(count / 3)]))
            split.update(UnsafeRawBufferPointer(rebasing: $0[(count / 3)...]))
        }
        #expect(split.value == bytes.withUnsafeBytes(CRC32C.checksum))
    }
}

@Suite struct SHA256DigestTests {
    @Test func matchesPublishedValue() {
        #expect(
            SHA256Digest.hex(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}

@Suite struct SHA256StreamTests {
    @Test(arguments: [0, 1, 63, 64, 65, 1000])
    func partsGiveTheDigestOfTheWhole(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let stream = SHA256Stream()
        bytes.withUnsafeBytes {
            stream.update(UnsafeRawBufferPointer(rebasing: $0[..<(count / 3)]))
            stream.update(UnsafeRawBufferPointer(rebasing: $0[(count / 3)...]))
        }
        #expect(stream.finish() == SHA256Digest.hex(bytes))
    }
}

@Suite struct CounterRandomTests {
    /// Known answers of the Random123 distribution (`kat_vectors`, philox4x32 with 10 rounds).
    @Test func philoxMatchesKnownAnswers() {
        let zero = CounterRandom.philox(counter: (0, 0, 0, 0), key: (0, 0))
        #expect(zero == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
        let ones = CounterRandom.philox(counter: (.max, .max, .max, .max), key: (.max, .max))
        #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    }

    @Test func everyKeyWordChangesTheStream() {
        func first(_ seed: UInt64, _ epoch: UInt64, _ sample: UInt64, _ purpose: RandomPurpose) -> UInt64 {
            var random = CounterRandom(seed: seed, epoch: epoch, sample: sample, purpose: purpose)
            return random.next()
        }
        let a = RandomPurpose("a")
        let draws: Set<UInt64> = [
            first(0, 0, 0, a), first(1, 0, 0, a), first(0, 1, 0, a), first(0, 0, 1, a),
            first(0, 0, 0, RandomPurpose("b")),
        ]
        #expect(draws.count == 5)
        #expect(first(3, 2, 1, a) == first(3, 2, 1, a))
    }

    @Test func momentsAreRight() {
        var random = CounterRandom(seed: 7, purpose: RandomPurpose("moments"))
        let normals = (0..<20_000).map { _ in random.normal() }
        let mean = normals.reduce(0, +) / 20_000
        let variance = normals.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.05)
        let uniforms = (0..<20_000).map { _ in random.uniform() }
        #expect(uniforms.allSatisfy { (0..<1).contains($0) })
        #expect(abs(uniforms.reduce(0, +) / 20_000 - 0.5) < 0.01)
        #expect(random.permutation(100).sorted() == Array(0..<100))
    }
}

@Suite struct WorkersTests {
    @Test func chunksCoverEverythingOnceAtAnyCount() {
        let runs = atEveryWorkerCount { () -> [Range<Int>] in
            let seen = Mutex<[Range<Int>]>([])
            Workers.forEachChunk(of: 103, grain: 10) { items, worker in
                #expect((0..<Workers.count + 7).contains(worker))
                seen.withLock { $0.append(items) }
            }
            return seen.withLock { $0 }.sorted { $0.lowerBound < $1.lowerBound }
        }
        #expect(runs.allSatisfy { $0 == runs[0] })
        #expect(runs[0].flatMap(Array.init) == Array(0..<103))
    }

    @Test func nestedLoopsStayOnTheirWorker() {
        Workers.with(4) {
            Workers.forEachChunk(of: 8, grain: 1) { _, _ in #expect(Workers.count == 1) }
        }
    }

    @Test func mapKeepsOrderAndThrowsTheFirstError() throws {
        #expect(try Workers.with(3) { try Workers.map(50) { $0 * $0 } } == (0..<50).map { $0 * $0 })
        struct Failed: Error, Equatable { let index: Int }
        #expect(throws: Failed(index: 5)) {
            try Workers.with(3) { try Workers.map(20) { if $0 >= 5 { throw Failed(index: $0) } } }
        }
    }
}

@Suite struct FileTests {
    @Test func atomicWriterLeavesTheOldFileUntilCommit() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.txt")
        try AtomicFileWriter.write("old", to: path)
        do {
            let writer = try AtomicFileWriter(path: path)
            try writer.write([UInt8](repeating: 7, count: 3 << 20))
        }
        #expect(try FileSystem.read(path) == Array("old".utf8))
        #expect(try FileSystem.list(directory.path) == ["a.txt"])
        try AtomicFileWriter.write("new", to: path)
        #expect(try FileSystem.read(path) == Array("new".utf8))
    }

    /// Pages that were given back or asked for early hold what they held.
    @Test func mappedFileKeepsWhatWasGivenBack() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 3) }
        try AtomicFileWriter.write(bytes, to: directory.file("a"))
        let file = try MappedFile(path: directory.file("a"), access: .random)
        for range in [0..<0, 0..<1, 1..<4096, 0..<4096, 5000..<30_000, 0..<40_000, 39_999..<40_000] {
            file.prefetch(range)
            #expect(file.withBytes { $0.elementsEqual(bytes) })
            file.discard(range)
            #expect(file.withBytes { $0.elementsEqual(bytes) }, "\(range)")
        }
    }

    @Test func mappedFileRefusesWhatIsNoFile() throws {
        let directory = try TemporaryDirectory()
        #expect { try MappedFile(path: directory.path) } throws: { ($0 as? FileError)?.code == .wrongType }
        #expect { try MappedFile(path: directory.file("none")) } throws: { ($0 as? FileError)?.code == .missing }
        try AtomicFileWriter.write("", to: directory.file("empty"))
        #expect(try MappedFile(path: directory.file("empty")).withBytes { $0.isEmpty })
    }
}
