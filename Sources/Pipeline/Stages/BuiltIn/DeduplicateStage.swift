package import Annotations
private import Runtime
internal import Shards

/// Leaves out images that are the same as an earlier one.
package struct DeduplicateStage: ConfiguredStage {
    package static let name = "deduplicate"
    package static let keys = ["by", "distance"]

    /// What makes images the same.
    package enum Criterion: String, Sendable, CaseIterable {
        /// The files' bytes.
        case bytes
        /// Size and decoded pixels.
        case pixels
        /// What they look like.
        case perceptual
    }

    private let criterion: Criterion
    /// Bits of 64 in which perceptual hashes may differ.
    private let distance: Int
    /// For each image that is to go, the earlier one that stays.
    private var originals: [COCOIdentifier: COCOIdentifier] = [:]

    package init(by criterion: Criterion, distance: Int = 4) {
        precondition((0...64).contains(distance), "a distance of \(distance) bits")
        self.criterion = criterion
        self.distance = distance
    }

    package init(_ settings: StageSettings) throws {
        criterion = try settings.choice("by") ?? .bytes
        if criterion != .perceptual && settings.has("distance") {
            throw settings.failure("distance is for by: perceptual", key: "distance")
        }
        distance = try settings.integer("distance", in: 0...64) ?? 4
    }

    package var summary: String {
        switch criterion {
        case .bytes: "equal files"
        case .pixels: "equal pixels"
        case .perceptual: "perceptual hashes that differ in at most \(distance) of 64 bits"
        }
    }

    /// The rule of what is left out.
    package var rule: String { "duplicate." + criterion.rawValue }

    private struct Row: Sendable {
        let id: COCOIdentifier
        let hash: SIMD2<UInt64>
    }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        let criterion = criterion
        let rows = try survey.rows { sample in
            let hash =
                switch criterion {
                case .bytes: ImageFingerprint.ofBytes(try sample.finished().encoded)
                case .pixels: ImageFingerprint.ofPixels(try sample.image())
                case .perceptual: SIMD2(ImageFingerprint.perceptual(try sample.image()), 0)
                }
            return Row(id: sample.labelled.image.id, hash: hash)
        }
        var ready = self
        var first: [SIMD2<UInt64>: COCOIdentifier] = [:]
        var kept: [COCOIdentifier] = []
        var near = NearHashes(distance: distance)
        for row in rows.lazy.flatMap({ $0 }) {
            if criterion == .perceptual {
                if let original = near.first(near: row.hash.x) {
                    ready.originals[row.id] = kept[original]
                } else {
                    near.add(row.hash.x)
                    kept.append(row.id)
                }
            } else if let original = first[row.hash] {
                ready.originals[row.id] = original
            } else {
                first[row.hash] = row.id
            }
        }
        return ready
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        guard let original = originals[sample.labelled.image.id] else { return [sample] }
        ledger.reject(
            .image, rule, at: sample.location, "it is the same as image \(original)", original: original.description)
        return []
    }
}
