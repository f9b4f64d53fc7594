import Foundation
import JSONText
import Runtime
import Shards
import TestSupport
import Testing
import Training

@Suite struct TensorBoardTests {
    /// An event as far as the tests look at it.
    struct Event: Equatable {
        var step = 0
        var version: String?
        var startsSession = false
        var scalars: [String: Float] = [:]
        var images: [String: [UInt8]] = [:]
        var texts: [String] = []
    }

    /// All events of a file; a record that is not whole is an error.
    static func events(_ path: String) throws -> [Event] {
        let file = try RecordFile(path: path)
        return try (0..<file.count).map { index in
            try file.withPayload(at: index) { bytes throws(ShardError) in try event(WireReader(bytes)) }
        }
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func event(_ bytes: WireReader) throws(ShardError) -> Event {
        var reader = bytes
        var event = Event()
        while let (number, type) = try reader.field() {
            switch number {
            case 2: event.step = Int(try reader.varint())
            case 3: event.version = text(try reader.delimited())
            case 5:
                var summary = try reader.message()
                while try summary.field() != nil { try add(summary.message(), to: &event) }
            case 7:
                var log = try reader.message()
                while try log.field() != nil { event.startsSession = try log.varint() == 1 }
            default: try reader.skip(type)
            }
        }
        return event
    }

    private static func add(_ value: WireReader, to event: inout Event) throws(ShardError) {
        var value = value
        var tag = ""
        while let (number, type) = try value.field() {
            switch number {
            case 1: tag = text(try value.delimited())
            case 2: event.scalars[tag] = Float(bitPattern: try value.fixed32())
            case 4:
                var image = try value.message()
                while let (number, type) = try image.field() {
                    if number == 4 { event.images[tag] = Array(try image.delimited()) } else { try image.skip(type) }
                }
            case 8:
                var tensor = try value.message()
                while let (number, type) = try tensor.field() {
                    if number == 8 { event.texts.append(text(try tensor.delimited())) } else { try tensor.skip(type) }
                }
            default: try value.skip(type)
            }
        }
    }

    @Test func aFileHoldsWhatHappened() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory)
        let tracker = TensorBoardTracker()
        try tracker.begin(run)
        try TrackingFixture.record(tracker, in: run)
        #expect(tracker.end(.finished) == nil)
        let files = run.folder.tensorBoardFiles
        #expect(files.count == 1 && files[0].contains("/events.out.tfevents.1700000000."))
        let events = try Self.events(files[0])
        #expect(events[0].version == "brain.Event:2")
        #expect(events[1].texts == [run.yaml.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")])
        #expect(events[2].step == 1 && events[2].scalars == ["train/loss": 1, "train/learning_rate": 0.5])
        #expect(events[4].scalars["validation/box/iou"] == 0.5 && events[4].scalars["epoch/loss"] == 0.25)
        #expect(events[5].images == ["samples/cell-1": [0x89, 1, 2, 3]])
        #expect(events.map(\.step) == [0, 0, 1, 2, 2, 2, 3, 4, 4, 4])
    }

    /// The first record, byte for byte: length, its checksum, the event, its checksum.
    @Test func theFirstRecordIsKnown() throws {
        let directory = try TemporaryDirectory()
        let run = try TrackingFixture.run(in: directory)
        try TensorBoardTracker().begin(run)
        let bytes = try FileSystem.read(run.folder.tensorBoardFiles[0])
        let time = withUnsafeBytes(of: (1_700_000_000.25).bitPattern.littleEndian, Array.init)
        let event = [0x09] + time + [0x1a, 13] + Array("brain.Event:2".utf8)
        #expect(Array(bytes.prefix(8)) == [UInt8(event.count), 0, 0, 0, 0, 0, 0, 0])
        #expect(Array(bytes[12..<(12 + event.count)]) == event)
        #expect(Array(bytes.prefix(16 + event.count)) == RecordFraming.frame(event))
    }

    /// Killed and resumed, no step stands twice, wherever the checkpoint was.
    @Test(arguments: [(0, true), (2, false), (2, true), (3, true), (4, false), (4, true)])
    func aResumedRunHasEachStepOnce(step: Int, isEpochClosed: Bool) throws {
        let directory = try TemporaryDirectory()
        let first = try TrackingFixture.run(in: directory)
        let tracker = TensorBoardTracker()
        try tracker.begin(first)
        try TrackingFixture.record(tracker, in: first)
        let path = first.folder.tensorBoardFiles[0]
        // Killed within a record.
        try AtomicFileWriter.write(Array(try FileSystem.read(path).dropLast(3)), to: path)
        let point = ResumePoint(step: step, isEpochClosed: isEpochClosed)
        let second = try TrackingFixture.run(in: directory, at: point)
        let resumed = TensorBoardTracker()
        try resumed.begin(second)
        if step % 2 == 0, step > 0, !isEpochClosed {
            try resumed.record(try TrackingFixture.line(TrackingFixture.epoch(step / 2, step: step)))
        }
        if step < 4 { try TrackingFixture.record(resumed, steps: (step + 1)...4, in: second) }
        let files = second.folder.tensorBoardFiles
        #expect(files.count == 2 && files[0] < files[1])
        let all = try files.map { try Self.events($0) }
        #expect(all[1][1] == Event(step: step + 1, startsSession: true))
        let events = all.flatMap { $0 }
        #expect(events.filter { $0.scalars["train/loss"] != nil }.map(\.step) == [1, 2, 3, 4])
        #expect(events.filter { $0.scalars["epoch/loss"] != nil }.map(\.step) == [2, 4])
    }

    /// Whatever became of an older file, a run goes on.
    @Test func damagedFilesAreCutWhereTheyAreDamaged() throws {
        let directory = try TemporaryDirectory()
        let first = try TrackingFixture.run(in: directory)
        let tracker = TensorBoardTracker()
        try tracker.begin(first)
        try TrackingFixture.record(tracker, in: first)
        let path = first.folder.tensorBoardFiles[0]
        let whole = try FileSystem.read(path)
        let count = try Self.events(path).count
        for position in stride(from: 0, to: whole.count, by: 7) {
            var damaged = whole
            damaged[position] ^= 0x81
            try AtomicFileWriter.write(damaged, to: path)
            let resumed = TensorBoardTracker()
            try resumed.begin(try TrackingFixture.run(in: directory, at: ResumePoint(step: 4, isEpochClosed: true)))
            _ = resumed.end(.failed)
            #expect(try Self.events(path).count < count, "byte \(position)")
            for newer in first.folder.tensorBoardFiles where newer != path {
                try FileManager.default.removeItem(atPath: newer)
            }
        }
    }
}
