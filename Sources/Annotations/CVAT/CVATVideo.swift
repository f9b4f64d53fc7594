private import Foundation
internal import JSONText
internal import Runtime

/// The frames of a CVAT file for video, version 1.1, and the tracks that run through them.
///
/// Between two stated shapes of a track boxes and ellipses move evenly, polygons as ``CVATInterpolation`` says, and masks
/// stay; after the last one the shape stays to the end. From a shape that is `outside` to the next one there is none.
/// Frames are the images of the folder: those called `frame_NUMBER` by their number, others in byte order of their names.
/// Source: CVAT's documentation, "CVAT for videos", and how its server fills tracks.
struct CVATVideo: Sendable {
    /// A frame and its image.
    struct Frame: Sendable {
        let number: Int
        let fileName: String
    }

    let tracks: [CVATTrack]
    let frames: [Frame]
    /// Of the frames, where the file says.
    let size: (width: Int, height: Int)?
    private let document: CVATDocument

    /// - Parameters:
    ///   - files: the images of the folder, in byte order.
    ///   - found: told what cannot be read.
    /// - Throws: failures that are not the data's fault.
    init(_ document: CVATDocument, meta: XMLNode?, files: [String], found: inout SetFindings) throws {
        self.document = document
        let outcomes = try Workers.map(document.tracks.count) { index in
            Result { () throws(AnnotationError) in
                let place = document.tracks[index]
                return try CVATTrack(try document.head(at: place), at: place, in: document)
            }
        }
        var tracks: [CVATTrack] = []
        for (place, outcome) in zip(document.tracks, outcomes) {
            let id = "track at line \(place.line)"
            do {
                tracks.append(try outcome.get())
            } catch {
                found.drop(
                    .annotations, LabelRule.unreadable, path: document.path, line: place.line, id: id,
                    failureReason(error))
                continue
            }
            for other in tracks[tracks.count - 1].others {
                found.drop(
                    .annotations, LabelRule.shapeKind, path: document.path, line: place.line, id: id,
                    "\(other.count) shapes of the kind \(other.kind) cover no area")
            }
            if tracks[tracks.count - 1].oddShapes > 0 {
                found.drop(
                    .annotations, LabelRule.badValue, path: document.path, line: place.line, id: id,
                    "\(tracks[tracks.count - 1].oddShapes) shapes have no frame, or the frame of another one")
            }
        }
        self.tracks = tracks
        frames = Self.frames(files, tracks: tracks)
        let original = Self.parts(of: meta).lazy.compactMap { $0["original_size"] }.first
        if let width = original?.number("width"), let height = original?.number("height"), width > 0, height > 0 {
            size = (Int(clamping: width), Int(clamping: height))
        } else {
            size = nil
        }
        let stated = Self.parts(of: meta).lazy.compactMap { $0.number("size") }.first
        if let stated, !files.isEmpty, stated != Double(files.count) {
            found.note(
                LabelRule.repairedValue, .warning, path: document.path,
                "the video has \(Int(clamping: stated)) frames, the folder \(files.count) images; these are taken")
        }
    }

    private static func parts(of meta: XMLNode?) -> [XMLNode] {
        ["task", "job"].compactMap { meta?[$0] } + (meta.map { [$0] } ?? [])
    }

    /// The images as frames; without images, the frames that shapes are stated for.
    private static func frames(_ files: [String], tracks: [CVATTrack]) -> [Frame] {
        if files.isEmpty {
            let numbers = Set(tracks.flatMap { $0.shapes.map(\.frame) }).sorted()
            return numbers.map { Frame(number: $0, fileName: String(format: "frame_%06d.png", $0)) }
        }
        let numbers = files.map(number)
        if numbers.allSatisfy({ $0 != nil }), Set(numbers).count == files.count {
            return zip(numbers, files).map { Frame(number: $0 ?? 0, fileName: $1) }.sorted { $0.number < $1.number }
        }
        return files.enumerated().map { Frame(number: $0, fileName: $1) }
    }

    /// The number of a frame that CVAT named; nil for other names.
    private static func number(_ file: String) -> Int? {
        let stem = FolderWalk.stem(FileSystem.lastComponent(file)).lowercased()
        guard stem.hasPrefix("frame_") else { return nil }
        let digits = stem.dropFirst(6)
        return digits.utf8.allSatisfy { (48...57).contains($0) } ? Int(digits) : nil
    }

    /// The shapes to be seen in a frame, each with the label and group of its track, in ascending order of `z_order`.
    ///
    /// - Parameter report: told of shapes that cannot be read, with their lines.
    func shapes(at frame: Int, report: (_ line: Int, _ message: String) -> Void) -> [XMLNode] {
        var shapes: [XMLNode] = []
        for track in tracks {
            guard let (before, after) = track.shapes(at: frame) else { continue }
            do throws(AnnotationError) {
                var shape = try document.node(at: (before.place, before.line))
                if let after {
                    let next = try document.node(at: (after.place, after.line))
                    let share = Double(frame - before.frame) / Double(after.frame - before.frame)
                    shape = CVATInterpolation.shape(between: shape, and: next, at: share)
                }
                var attributes = shape.attributes
                attributes["label"] = track.label
                attributes["group_id"] = track.group
                shapes.append(shape.with(attributes))
            } catch {
                report(before.line, error.message)
            }
        }
        return shapes.enumerated().sorted {
            let (a, b) = ($0.element.numberAttribute("z_order") ?? 0, $1.element.numberAttribute("z_order") ?? 0)
            return (a, $0.offset) < (b, $1.offset)
        }.map(\.element)
    }
}

extension XMLNode {
    /// The element with other attributes.
    func with(_ attributes: [String: String]) -> XMLNode {
        XMLNode(name: name, attributes: attributes, text: text, children: children, line: line)
    }
}
