internal import Annotations
internal import Augmentation
private import Synchronization

/// The samples that steps of an augmentation may take parts of, part by part of the split. What is kept is where they are;
/// they are read when they are wanted.
struct PartnerTable: Sendable {
    /// A sample: an image of the source, and which of the samples that it has become.
    fileprivate struct Place: Sendable, Hashable {
        let image: Int32
        let sample: Int32
    }

    private let survey: StageSurvey
    /// By part of the split.
    private let places: [[Place]]
    /// An augmented part with samples of which none can lend anything; nil when there is none.
    let partWithoutPartners: Int?
    /// The categories that are lent; nil for all.
    private let lending: Set<COCOIdentifier>?
    private let recent = RecentSamples()

    /// - Parameters:
    ///   - parts: numbers of the parts of the split that are augmented.
    ///   - lending: the categories that are lent; nil for all.
    init(_ survey: StageSurvey, parts: Set<Int>, lending: Set<COCOIdentifier>?) throws {
        self.survey = survey
        self.lending = lending
        let split = survey.parts
        let counts = try survey.rows { sample -> Int in
            guard parts.contains(split.partOfImage[sample.sourceIndex]) else { return 0 }
            let count = Self.lent(sample, lending).count
            // What is damaged is no partner: it would take innocent images with it.
            if count > 0 || lending == nil { _ = try sample.image() }
            return count
        }
        var places = [[Place]](repeating: [], count: split.names.count)
        var samples = [Int](repeating: 0, count: split.names.count)
        for (image, row) in counts.enumerated() {
            let part = split.partOfImage[image]
            guard parts.contains(part) else { continue }
            samples[part] += row.count
            // Without a choice of categories whole images are lent as well, empty ones too.
            for (sample, objects) in row.enumerated() where objects > 0 || lending == nil {
                places[part].append(Place(image: Int32(image), sample: Int32(sample)))
            }
        }
        partWithoutPartners = places.indices.first { samples[$0] > 0 && places[$0].isEmpty }
        self.places = places
    }

    /// The partners of a part's samples as augmentation takes them.
    func partners(of part: Int) -> AugmentationPartners {
        let places = places[part]
        return AugmentationPartners(count: places.count) { index in
            var sample = try sample(places[index])
            sample.objects = Self.lent(sample, lending)
            return try sample.augmentation(category: { _ in 0 })
        }
    }

    /// An object of a partner by its place among those that are lent, and the image that it is in.
    func object(
        _ index: Int, of partner: Int, in part: Int
    ) throws -> (image: COCOImage, object: LabelledObject) {
        let sample = try sample(places[part][partner])
        return (sample.labelled.image, Self.lent(sample, lending)[index])
    }

    private static func lent(_ sample: StagedSample, _ lending: Set<COCOIdentifier>?) -> [LabelledObject] {
        guard let lending else { return sample.objects }
        return sample.objects.filter { lending.contains($0.annotation.categoryID) && !$0.annotation.isCrowd }
    }

    private func sample(_ place: Place) throws -> StagedSample {
        if let known = recent.sample(place) { return known }
        let samples = try survey.samples(ofImage: Int(place.image))
        guard samples.indices.contains(Int(place.sample)) else {
            throw PipelineError(
                .missing, "a sample that was there when the stage was prepared is gone: image \(place.image)")
        }
        let sample = samples[Int(place.sample)]
        recent.keep(place, sample)
        return sample
    }
}

/// The partners that were read last: the objects of one are asked for again when it has been pasted.
private final class RecentSamples: Sendable {
    private let samples = Mutex<[(place: PartnerTable.Place, sample: StagedSample)]>([])
    private static let kept = 16

    func sample(_ place: PartnerTable.Place) -> StagedSample? {
        samples.withLock { samples in samples.first { $0.place == place }?.sample }
    }

    func keep(_ place: PartnerTable.Place, _ sample: StagedSample) {
        samples.withLock { samples in
            samples.append((place, sample))
            if samples.count > Self.kept { samples.removeFirst() }
        }
    }
}
