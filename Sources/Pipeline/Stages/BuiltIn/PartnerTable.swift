internal import Annotations
internal import Augmentation
private import Synchronization

/// The samples that steps of an augmentation may take parts of. What is kept is where they are; they are read when they are
/// wanted.
struct PartnerTable: Sendable {
    /// A sample: an image of the source, and which of the samples that it has become.
    private struct Place: Sendable {
        let image: Int32
        let sample: Int32
    }

    private let survey: StageSurvey
    private let places: [Place]
    /// The categories that are lent; nil for all.
    private let lending: Set<COCOIdentifier>?
    private let recent = RecentSamples()

    init(_ survey: StageSurvey, lending: Set<COCOIdentifier>?) throws {
        self.survey = survey
        self.lending = lending
        let counts = try survey.rows { sample in
            let count = Self.lent(sample, lending).count
            // What is damaged is no partner: it would take innocent images with it.
            if count > 0 || lending == nil { _ = try sample.image() }
            return count
        }
        places = counts.enumerated().flatMap { image, row in
            row.enumerated().compactMap { sample, objects in
                // Without a choice of categories whole images are lent as well, empty ones too.
                objects > 0 || lending == nil ? Place(image: Int32(image), sample: Int32(sample)) : nil
            }
        }
    }

    var count: Int { places.count }

    /// The partners as augmentation takes them.
    var partners: AugmentationPartners {
        AugmentationPartners(count: places.count) { index in
            var sample = try sample(index)
            sample.objects = Self.lent(sample, lending)
            return try sample.augmentation(category: { _ in 0 })
        }
    }

    /// An object of a partner by its place among those that are lent, and the image that it is in.
    func object(_ index: Int, of partner: Int) throws -> (image: COCOImage, object: LabelledObject) {
        let sample = try sample(partner)
        return (sample.labelled.image, Self.lent(sample, lending)[index])
    }

    private static func lent(_ sample: StagedSample, _ lending: Set<COCOIdentifier>?) -> [LabelledObject] {
        guard let lending else { return sample.objects }
        return sample.objects.filter { lending.contains($0.annotation.categoryID) && !$0.annotation.isCrowd }
    }

    private func sample(_ index: Int) throws -> StagedSample {
        if let known = recent.sample(index) { return known }
        let place = places[index]
        let samples = try survey.samples(ofImage: Int(place.image))
        guard samples.indices.contains(Int(place.sample)) else {
            throw PipelineError(
                .missing, "a sample that was there when the stage was prepared is gone: image \(place.image)")
        }
        let sample = samples[Int(place.sample)]
        recent.keep(index, sample)
        return sample
    }
}

/// The partners that were read last: the objects of one are asked for again when it has been pasted.
private final class RecentSamples: Sendable {
    private let samples = Mutex<[(index: Int, sample: StagedSample)]>([])
    private static let kept = 16

    func sample(_ index: Int) -> StagedSample? {
        samples.withLock { samples in samples.first { $0.index == index }?.sample }
    }

    func keep(_ index: Int, _ sample: StagedSample) {
        samples.withLock { samples in
            samples.append((index, sample))
            if samples.count > Self.kept { samples.removeFirst() }
        }
    }
}
