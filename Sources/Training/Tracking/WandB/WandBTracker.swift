internal import Foundation
internal import JSONText
internal import Runtime

/// Writes what `wandb sync` uploads: `wandb/offline-run-DATE-ID/run-ID.wandb` in the run's folder, and its pictures.
///
/// Rows are numbered one by one, since W&B wants a number once; charts are drawn over the optimiser steps, which each row
/// names as `step`. A resumed run writes a file of its own of the same id, whose rows go on where those before end; what
/// is trained again is cut from the files before.
package final class WandBTracker: RunTracker {
    /// The metric that charts are drawn over.
    static let stepName = "step"

    private var file: AppendedFile?
    private var parent = ""
    private var folder = ""
    private var id = ""
    private var records = 0
    private var row = 0
    private var startTime = 0.0
    private var newest: [WandBRecord.Item] = []

    package init() {}

    package func begin(_ run: TrackedRun) throws {
        var id = try TrackingRecord(of: run.folder).wandbRunID
        if id == nil {
            let new = TrackedName.random(8, hexadecimal: false)
            try TrackingRecord.change(of: run.folder) { $0.wandbRunID = new }
            id = new
        }
        guard let id else { preconditionFailure("a run without an id") }
        self.id = id
        parent = run.folder.wandbPath
        startTime = run.startTime
        row = try Self.cutOlderFiles(in: run.folder.wandbPath, id: id, at: run.resumePoint)
        folder = try Self.newFolder(in: run.folder.wandbPath, id: id, time: run.startTime)
        let file = try AppendedFile(path: FileSystem.join(folder, "run-\(id).wandb"))
        self.file = file
        try file.append(WandBLog.fileHead)
        try write { WandBRecord.header(number: $0) }
        let firstRow = row
        try write { WandBRecord.run(run, id: id, firstRow: firstRow, number: $0) }
        try write { WandBRecord.axis(of: "*", over: Self.stepName, number: $0) }
        try AtomicFileWriter.write(run.yaml, to: FileSystem.join(folder, "files/train.yaml"))
        try write { WandBRecord.files(["train.yaml"], number: $0) }
    }

    package func record(_ line: TrackedLine) throws {
        try append(line.metrics.map { ($0.name, .number($0.value)) }, at: line)
        if line.isEpochEnd { try writeSummary() }
    }

    package func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws {
        var items: [WandBRecord.Item] = []
        for picture in pictures {
            let png = try picture.png()
            let digest = SHA256Digest.hex(png)
            let path = "media/images/samples/\(picture.name)_\(row)_\(digest.prefix(20)).png"
            let full = FileSystem.join(folder, "files/" + path)
            try FileSystem.createDirectory(FileSystem.folder(of: full))
            try AtomicFileWriter.write(png, to: full)
            try write { WandBRecord.files([path], number: $0) }
            items.append(
                (
                    "samples/" + picture.name,
                    .object([
                        "_type": "image-file", "format": "png", "path": .string(path), "sha256": .string(digest),
                        "size": .integer(Int64(png.count)), "width": .integer(Int64(picture.width)),
                        "height": .integer(Int64(picture.height)),
                    ])
                ))
        }
        try append(items, at: line)
    }

    package func end(_ ending: RunEnding) throws -> String? {
        try writeSummary()
        let code =
            switch ending {
            case .finished: 0
            case .failed: 1
            case .interrupted: 130
            }
        let seconds = Int(max(0, Date().timeIntervalSince1970 - startTime))
        try write { WandBRecord.exit(code: code, seconds: seconds, number: $0) }
        file = nil
        // Quoted up to the star, which the shell is to see.
        return "W&B: `wandb sync '\(FileSystem.join(parent, Self.folderPrefix))'*-\(id)` uploads the run"
    }

    private func append(_ items: [WandBRecord.Item], at line: TrackedLine) throws {
        let all =
            items + [
                (Self.stepName, .integer(Int64(line.step))), ("epoch", .integer(Int64(line.epoch))),
                ("_timestamp", .number(line.time)), ("_runtime", .number(max(0, line.time - startTime))),
                ("_step", .integer(Int64(row))),
            ]
        let row = row
        try write { WandBRecord.history(all, row: row, number: $0) }
        self.row += 1
        for item in all {
            if let index = newest.firstIndex(where: { $0.key == item.key }) {
                newest[index] = item
            } else {
                newest.append(item)
            }
        }
    }

    private func writeSummary() throws {
        if !newest.isEmpty { try write { WandBRecord.summary(newest, number: $0) } }
    }

    private func write(_ record: (_ number: Int) -> [UInt8]) throws {
        guard let file else { return }
        records += 1
        try file.append(WandBLog.chunks(of: record(records), at: file.count))
    }
}

// MARK: Files of a run

extension WandBTracker {
    private static let folderPrefix = "offline-run-"

    /// The folder of a process, named after its time, with the folder of its files.
    private static func newFolder(in parent: String, id: String, time: Double) throws(FileError) -> String {
        let calendar = DateFormatter()
        calendar.locale = Locale(identifier: "en_US_POSIX")
        calendar.dateFormat = "yyyyMMdd_HHmmss"
        var date = Date(timeIntervalSince1970: time)
        func path() -> String {
            FileSystem.join(parent, folderPrefix + calendar.string(from: date) + "-" + id)
        }
        while FileSystem.exists(path()) { date += 1 }
        try FileSystem.createDirectory(FileSystem.join(path(), "files"))
        return path()
    }

    /// Shortens the files of earlier processes to what is still true.
    ///
    /// - Returns: the number of the next row.
    private static func cutOlderFiles(in parent: String, id: String, at point: ResumePoint) throws -> Int {
        guard FileSystem.exists(parent) else { return 0 }
        var next = 0
        for name in try FileSystem.list(parent) where name.hasPrefix(folderPrefix) && name.hasSuffix("-" + id) {
            let path = FileSystem.join(parent, "\(name)/run-\(id).wandb")
            guard FileSystem.exists(path) else { continue }
            next = max(next, try cut(path, at: point))
        }
        return next
    }

    /// Shortens a file to its leading records that are whole and still true.
    ///
    /// - Returns: the number of the row after its last.
    /// - Throws: `FileError` when the file cannot be read or shortened.
    static func cut(_ path: String, at point: ResumePoint) throws(FileError) -> Int {
        let file = try MappedFile(path: path)
        var kept = WandBLog.fileHead.count
        var next = 0
        file.withBytes { bytes in
            WandBLog.read(bytes) { entry in
                guard let outline = try? entry.bytes.withUnsafeBytes({ try WandBRecord.outline(of: $0) }) else {
                    kept = entry.range.upperBound
                    return true
                }
                let moments = outline.names.map(TrackedLine.moment)
                let moment = moments.first { $0 != .epochEnd } ?? .epochEnd
                guard point.keeps(step: outline.step, of: moment) else { return false }
                kept = entry.range.upperBound
                next = outline.row + 1
                return true
            }
        }
        if kept < file.bytes.count { try AppendedFile.truncate(path, to: kept) }
        return next
    }
}
