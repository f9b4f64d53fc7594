package import Augmentation
internal import Images
internal import Masks
package import Runtime
package import Shards

/// Loads samples as a training would, throws them away, and tells how long that took and what it went into.
package struct LoaderTrial: Sendable {
    package var shuffle = LoaderShuffle.global
    package var share = LoaderShare.whole
    package var onCorrupt = CorruptRecordPolicy.fail
    package var batchSize = 8
    package var seed: UInt64 = 0
    /// Whether images become pixels and masks bitmaps.
    package var decodes = false
    /// The longest side that images and masks are scaled to; nil leaves them.
    package var longestSide: Int?
    package var augmentation: AugmentationChain?
    /// Passes over the data, at least 1.
    package var epochs = 1
    /// Stops after so many seconds.
    package var secondsLimit: Double?

    package init() {}

    /// What came of a trial.
    package struct Outcome: Sendable {
        /// Samples that were loaded.
        package var samples = 0
        package var objects = 0
        package var batches = 0
        /// Bytes of the records, framing included.
        package var bytes = 0
        /// Time from the first request to the last sample, in seconds.
        package var seconds = 0.0
        /// Time that the consumer waited for samples, in seconds.
        package var waitSeconds = 0.0
        /// Time by kind of work, summed over all threads, in seconds.
        package var workSeconds: [LoaderWork: Double] = [:]
        /// Records that were left out.
        package var findings: [Finding] = []
        /// Where the loader stood at the end.
        package var state = LoaderState(seed: 0)
    }

    private struct Loaded: Sendable {
        let bytes: Int
        let objects: Int
    }

    /// - Parameters:
    ///   - set: the shards.
    ///   - progress: called after each batch with the samples so far, of how many; false stops.
    /// - Throws: what the loader throws.
    package func run(_ set: ShardSet, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }) throws
        -> Outcome
    {
        let clock = LoaderClock()
        let all = Array(0..<set.count)
        let partners = augmentation?.needsPartners == true ? partners(in: set) : .none
        let loader = SampleLoader(
            records: set, state: LoaderState(seed: seed), shuffle: shuffle, repeats: set.repeats(of: all),
            share: share, epochs: epochs, window: batchSize + 2 * Workers.count, onCorrupt: onCorrupt
        ) { place, access in try load(set, place, access, partners, clock) }
        defer { loader.cancel() }
        guard set.count > 0 else {
            throw PipelineError(
                .noImages, "the set has no record that could be loaded", location: DataLocation(path: set.path))
        }
        let (turns, overflow) = share.turns(from: 0, count: loader.epochCount).multipliedReportingOverflow(by: epochs)
        let total = overflow ? Int.max : turns
        var outcome = Outcome()
        let start = ContinuousClock.now
        func isOver() -> Bool { secondsLimit.map { start.secondsSince >= $0 } ?? false }
        loading: for _ in 0..<epochs {
            while true {
                let asked = ContinuousClock.now
                let batch = try loader.nextBatch(batchSize)
                outcome.waitSeconds += asked.secondsSince
                guard let batch else { break }
                outcome.batches += 1
                outcome.samples += batch.count
                for loaded in batch {
                    outcome.bytes += loaded.bytes
                    outcome.objects += loaded.objects
                }
                if !progress(outcome.samples + loader.skippedTurns, total) || isOver() { break loading }
            }
        }
        outcome.seconds = start.secondsSince
        outcome.state = loader.state
        // What threads have begun and nobody has taken is counted as well.
        loader.cancel()
        outcome.workSeconds = clock.seconds
        outcome.findings = loader.findings
        return outcome
    }

    private func load(
        _ set: ShardSet, _ place: SamplePlace, _ access: RecordAccess, _ partners: AugmentationPartners,
        _ clock: LoaderClock
    ) throws -> Loaded {
        var laps = LoaderLaps()
        defer { clock.add(laps) }
        var bytes = 0
        let sample = try set.withFrame(at: place.index, access: access) { frame throws(ShardError) -> ShardSample in
            bytes = frame.count
            Self.touch(frame)
            laps.end(.read)
            let payload = try RecordFraming.payload(of: frame)
            laps.end(.crc)
            let sample = try ShardSample(Example(decoding: payload))
            laps.end(.parse)
            return sample
        }
        guard decodes || longestSide != nil || augmentation != nil else {
            return Loaded(bytes: bytes, objects: sample.objects.count)
        }
        var image = try sample.decodedImage()
        laps.end(.decode)
        var masks = sample.objects.map(\.mask)
        if longestSide != nil {
            (image, masks) = scaled(image, masks)
            laps.end(.resize)
        }
        if let augmentation {
            let augmented = try augmentation(
                Self.augmentable(image, masks, of: sample),
                key: AugmentationKey(seed: seed, epoch: UInt64(place.epoch), sample: UInt64(place.index)),
                partners: partners)
            masks = augmented.objects.map(\.mask)
            laps.end(.augment)
        }
        for mask in masks { _ = mask.bitmap() }
        laps.end(.masks)
        return Loaded(bytes: bytes, objects: masks.count)
    }

    /// Image and masks at the longest side that is wanted.
    private func scaled(_ image: RGBImage, _ masks: [RLE]) -> (RGBImage, [RLE]) {
        guard let longestSide else { return (image, masks) }
        let scale = Double(longestSide) / Double(max(image.width, image.height))
        let width = max(1, Int((Double(image.width) * scale).rounded()))
        let height = max(1, Int((Double(image.height) * scale).rounded()))
        return (
            image.resized(width: width, height: height), masks.map { $0.resized(height: height, width: width) }
        )
    }

    private static func augmentable(_ image: RGBImage, _ masks: [RLE], of sample: ShardSample) -> AugmentationSample {
        AugmentationSample(
            image: image,
            objects: masks.enumerated().map { index, mask in
                AugmentedObject(index: index, isCrowd: sample.objects[index].isCrowd, mask: mask)
            })
    }

    /// The whole set as partners, scaled like the samples themselves.
    private func partners(in set: ShardSet) -> AugmentationPartners {
        set.partners(Array(0..<set.count), skippingDamaged: onCorrupt != .fail) { [self] sample in
            let (image, masks) = scaled(try sample.decodedImage(), sample.objects.map(\.mask))
            return Self.augmentable(image, masks, of: sample)
        }
    }

    /// Looks at each page, so that reading them is not counted as work on them.
    private static func touch(_ bytes: UnsafeRawBufferPointer) {
        var sum: UInt8 = 0
        for offset in stride(from: 0, to: bytes.count, by: 4096) { sum ^= bytes[offset] }
        withExtendedLifetime(sum) {}
    }
}
