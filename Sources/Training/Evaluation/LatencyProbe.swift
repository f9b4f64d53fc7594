private import Images
private import Masks
private import Metrics
private import Pipeline
private import Runtime
package import SAM
package import Shards

/// How long a model takes, measured on images of a set.
package struct LatencyProbe: Sendable, Hashable {
    /// Times of one kind of work.
    package struct Times: Sendable, Hashable {
        /// Half of the runs took less, and 95 of 100, in seconds.
        package let median: Double
        package let percentile95: Double
        /// Images per second: runs that were measured, of one image each, by the time of all.
        package let imagesPerSecond: Double
        /// Runs that were measured.
        package let runs: Int

        package init(median: Double, percentile95: Double, imagesPerSecond: Double, runs: Int) {
            self.median = median
            self.percentile95 = percentile95
            self.imagesPerSecond = imagesPerSecond
            self.runs = runs
        }

        /// - Parameter seconds: of each run, at least one.
        init(_ seconds: [Double]) {
            let sorted = seconds.sorted()
            median = MaskMetrics.percentile(0.5, ofSorted: sorted)
            percentile95 = MaskMetrics.percentile(0.95, ofSorted: sorted)
            imagesPerSecond = Double(seconds.count) / max(seconds.reduce(0, +), 1e-9)
            runs = seconds.count
        }
    }

    /// Resizing and encoding an image.
    package let encoder: Times
    /// Answering one prompt about an encoded image, its mask brought to the image's size.
    package let decoder1: Times
    /// The same for eight prompts at once.
    package let decoder8: Times
    /// From the pixels to the mask of one prompt.
    package let endToEnd: Times
    /// Threads that were used.
    package let threads: Int

    package init(encoder: Times, decoder1: Times, decoder8: Times, endToEnd: Times, threads: Int) {
        self.encoder = encoder
        self.decoder1 = decoder1
        self.decoder8 = decoder8
        self.endToEnd = endToEnd
        self.threads = threads
    }

    /// The kinds of work by what they are called, in the order in which they are shown.
    package var works: [(name: String, times: Times)] {
        [
            ("encoder, resizing included", encoder), ("decoder, 1 prompt", decoder1), ("decoder, 8 prompts", decoder8),
            ("from pixels to one mask", endToEnd),
        ]
    }

    /// Runs of the encoder that are measured at least, and at most.
    private static let runs = (least: 3, most: 30)

    /// Measures a model; the first run warms up and does not count.
    ///
    /// - Parameters:
    ///   - set: its images are taken in turn; one of those that are looked at must be readable.
    ///   - seconds: after which no further run begins, once there were three.
    /// - Returns: nil when it was told to stop, or nothing is looked at.
    /// - Throws: what reading records throws; `SAMError.answer` when the model's numbers are not finite.
    package static func run(
        _ model: SAMModel, on set: ShardSet, subset: EvaluationSubset, seconds: Double = 3,
        shouldStop: () -> Bool = { false }
    ) throws -> LatencyProbe? {
        if subset.records.isEmpty { return nil }
        var predictor = SAMPredictor(model: model)
        var times = (encoder: [Double](), one: [Double](), eight: [Double](), whole: [Double]())
        let start = ContinuousClock.now
        for run in 0...Self.runs.most {
            if run > Self.runs.least && start.secondsSince > seconds { break }
            if shouldStop() { return nil }
            let image = try set.sample(at: subset.records[run % subset.records.count]).decodedImage()
            let prompts = places(height: image.height, width: image.width)
            let began = ContinuousClock.now
            let features = predictor.features(of: image)
            let encoded = began.secondsSince
            predictor.setImage(
                SAMPredictor.EncodedImage(
                    frame: predictor.preprocessing.frame(height: image.height, width: image.width),
                    features: features))
            _ = try predictor.predictBest([prompts[0]])
            let whole = began.secondsSince
            let beforeOne = ContinuousClock.now
            _ = try predictor.predictBest([prompts[0]])
            let one = beforeOne.secondsSince
            let beforeEight = ContinuousClock.now
            _ = try predictor.predictBest(prompts)
            let eight = beforeEight.secondsSince
            if run == 0 { continue }
            times.encoder.append(encoded)
            times.one.append(one)
            times.eight.append(eight)
            times.whole.append(whole)
        }
        return LatencyProbe(
            encoder: Times(times.encoder), decoder1: Times(times.one), decoder8: Times(times.eight),
            endToEnd: Times(times.whole), threads: Workers.count)
    }

    /// Eight boxes spread over an image.
    private static func places(height: Int, width: Int) -> [Prompt] {
        (0..<8).map { index in
            let (cellWidth, cellHeight) = (Double(width) / 4, Double(height) / 2)
            return Prompt(
                box: Box(
                    x: Double(index % 4) * cellWidth, y: Double(index / 4) * cellHeight, width: cellWidth,
                    height: cellHeight))
        }
    }
}
