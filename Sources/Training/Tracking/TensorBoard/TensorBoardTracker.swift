internal import Runtime
internal import Shards

/// Writes TensorBoard's event files into the run's folder; `tensorboard --logdir` of it, or of the folder above, shows
/// the run.
///
/// A file is a TFRecord file of events, one file a process. A resumed run cuts what it trains again from the older files
/// and begins a new one with the mark of a new session, by which a TensorBoard that is running forgets it as well.
package final class TensorBoardTracker: RunTracker {
    /// What the names of event files begin with; seconds since 1970 and the machine's name follow.
    package static let filePrefix = "events.out.tfevents."

    private var file: AppendedFile?

    package init() {}

    package func begin(_ run: TrackedRun) throws {
        let older = run.folder.tensorBoardFiles
        for path in older { try Self.cut(path, at: run.resumePoint) }
        let file = try AppendedFile(path: Self.path(in: run.folder, after: older, time: run.startTime))
        self.file = file
        try write(TensorBoardEvent.version(time: run.startTime))
        if !older.isEmpty {
            try write(TensorBoardEvent.sessionStart(step: run.resumePoint.step + 1, time: run.startTime))
        }
        // Indented by four blanks, Markdown leaves it as it is.
        let text = run.yaml.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
        try write(
            TensorBoardEvent.text(text, tag: "configuration", step: run.resumePoint.step, time: run.startTime))
    }

    package func record(_ line: TrackedLine) throws { try write(TensorBoardEvent.scalars(line)) }

    package func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws {
        for picture in pictures { try write(TensorBoardEvent.image(picture, png: picture.png(), at: line)) }
    }

    package func end(_ ending: RunEnding) -> String? {
        file = nil
        return nil
    }

    private func write(_ event: [UInt8]) throws { try file?.append(RecordFraming.frame(event)) }

    /// A name that comes after those of the older files, by which readers order them.
    private static func path(in folder: RunFolder, after older: [String], time: Double) -> String {
        let latest = older.compactMap { path in
            Int(FileSystem.lastComponent(path).dropFirst(filePrefix.count).prefix { $0 != "." })
        }.max()
        let seconds = max(Int(time), min(latest ?? 0, Int(Int32.max)) + 1)
        return FileSystem.join(
            folder.path, filePrefix + "\(seconds)." + TrackedName.machine)
    }

    /// Shortens a file to its leading events that are whole and still true.
    ///
    /// - Throws: `FileError` when the file cannot be read or shortened.
    static func cut(_ path: String, at point: ResumePoint) throws(FileError) {
        let file = try MappedFile(path: path)
        let kept = file.withBytes { bytes in
            var end = 0
            while end < bytes.count {
                guard let length = try? RecordFraming.recordBytes(in: bytes, at: end),
                    let event = try? RecordFraming.payload(
                        of: UnsafeRawBufferPointer(rebasing: bytes[end..<(end + length)])),
                    let outline = try? TensorBoardEvent.outline(of: event)
                else { break }
                // The names of one event are of one line.
                let moment = outline.tags.first.map(TrackedLine.moment) ?? .step
                // The mark of a session names the step after the one that it goes on from.
                let step = outline.tags.isEmpty ? outline.step - 1 : outline.step
                guard point.keeps(step: step, of: moment) else { break }
                end += length
            }
            return end
        }
        if kept < file.bytes.count { try AppendedFile.truncate(path, to: kept) }
    }
}
