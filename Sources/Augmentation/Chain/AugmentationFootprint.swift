/// What a chain may hold at once of the largest sample: bounds, step by step, for whoever plans memory.
///
/// Geometric steps in a row become one resampling, so that frames between them take no memory; see ``AugmentationState``.
package struct AugmentationFootprint: Sendable, Hashable {
    /// A sample at its largest.
    package struct Sample: Sendable, Hashable {
        package var pixels: Int
        /// Pixels of the longer side.
        package var side: Int
        package var objects: Int

        package init(pixels: Int, side: Int, objects: Int) {
            self.pixels = pixels
            self.side = side
            self.objects = objects
        }
    }

    /// The sample in its current frame.
    package private(set) var sample: Sample
    /// The most bytes of images at a time, decoding included.
    package private(set) var peakBytes: Int
    /// Samples that steps may take parts of.
    let partner: Sample
    /// Pixels of the image as it was last resampled.
    private var settledPixels: Int
    private var choice = FrameSampling.Choice.any

    /// Bytes of a pixel of an image.
    private static let image = 3
    /// Of one whose pixels are blended of another's: what it is made of may be cut out or turned first, and what is made put
    /// into its place.
    private static let resampled = 2 * image
    /// Of one whose values change: the image, its copy, and a third where that is made in two passes.
    private static let changed = 3 * image
    /// Images have no more pixels, and no longer sides; what would have is an error, or cut off.
    private static let limits = (pixels: 1 << 28, side: 1 << 20)

    /// A sample that is decoded: as stored, and as red, green and blue.
    package init(_ sample: Sample, partner: Sample) {
        self.sample = sample
        self.partner = partner
        settledPixels = sample.pixels
        peakBytes = 2 * Self.image * sample.pixels
    }

    // MARK: Steps

    /// The frame gets a size, by a resampling or a cut.
    mutating func move(toPixels pixels: Int, side: Int, sampling: FrameSampling = .none) {
        if let merged = FrameSampling.merged(choice, sampling.choice) {
            choice = merged
        } else {
            settle()
            choice = sampling.choice
        }
        sample.pixels = min(Self.limits.pixels, max(1, pixels))
        sample.side = min(Self.limits.side, max(1, side))
    }

    /// Both sides change by a factor.
    mutating func scale(by factor: Double, sampling: FrameSampling) {
        let pixels = min(Double(Self.limits.pixels), (Double(sample.pixels) * factor * factor).rounded(.up))
        let side = min(Double(Self.limits.side), (Double(sample.side) * factor).rounded(.up))
        move(toPixels: Int(pixels), side: Int(side), sampling: sampling)
    }

    /// The frame becomes at least as high and wide.
    mutating func pad(height: Int, width: Int) {
        let longer = max(height, width)
        move(
            toPixels: max(sample.pixels, height * width, sample.side * longer), side: max(sample.side, longer))
    }

    /// The frame holds all of one that was turned and scaled.
    mutating func fit(scale: Double, sampling: FrameSampling) {
        // A turned frame fits into a square whose side is the diagonal, at most √2 times the longer side.
        let side = min(16_384, (Double(sample.side) * scale * 1.42).rounded(.up))
        move(toPixels: Int(side * side), side: Int(side), sampling: sampling)
    }

    /// The frame keeps its size, and its pixels are blended of those around them.
    mutating func resample() {
        if choice == .any { choice = .filtered }
    }

    /// Pixels are moved to where they belong; some steps hold more bytes meanwhile.
    mutating func settle(holding bytes: Int = 0) {
        let each = choice == .any ? Self.image : Self.resampled
        note(each * (settledPixels + sample.pixels) + bytes)
        settledPixels = sample.pixels
        choice = .any
    }

    /// Bytes are needed beside the image as it is.
    mutating func hold(_ bytes: Int) { note(Self.image * settledPixels + bytes) }

    /// The values of pixels change.
    mutating func changeImage() {
        settle()
        note(Self.changed * sample.pixels)
    }

    /// Objects of a partner are laid over the image.
    mutating func paste(objects: Int, scale: Double) {
        settle()
        // Decoded; of it a piece, as large as half of each side if it is a large one, with its shares and their sums.
        let piece = min(Double(sample.pixels), Double(partner.pixels) * scale * scale) / 4
        note(Self.image * sample.pixels + 2 * Self.image * partner.pixels)
        note(Self.changed * sample.pixels + Self.image * partner.pixels + Int(piece) * (2 * Self.image + 11))
        sample.objects += min(objects, partner.objects)
    }

    /// The sample and others fill a grid.
    mutating func mosaic(cells: Int, cellPixels: Int, height: Int, width: Int) {
        let target = Self.image * height * width
        let piece = Self.resampled * (max(partner.pixels, settledPixels) + cellPixels)
        note(Self.image * settledPixels + target + piece)
        sample = Sample(
            pixels: height * width, side: max(height, width), objects: sample.objects + (cells - 1) * partner.objects)
        settledPixels = sample.pixels
        choice = .any
    }

    /// A step that may be taken or not, or in one of several ways.
    mutating func choose(_ ways: [(inout AugmentationFootprint) -> Void], orNone: Bool) {
        let before = self
        var merged: AugmentationFootprint? = orNone ? before : nil
        for way in ways {
            var after = before
            way(&after)
            merged = merged.map { $0.united(with: after) } ?? after
        }
        self = merged ?? before
    }

    private func united(with other: AugmentationFootprint) -> AugmentationFootprint {
        var result = self
        result.sample = Sample(
            pixels: max(sample.pixels, other.sample.pixels), side: max(sample.side, other.sample.side),
            objects: max(sample.objects, other.sample.objects))
        result.peakBytes = max(peakBytes, other.peakBytes)
        result.settledPixels = max(settledPixels, other.settledPixels)
        if choice != other.choice { result.choice = choice == .any ? other.choice : choice }
        return result
    }

    private mutating func note(_ bytes: Int) { peakBytes = max(peakBytes, bytes) }
}

extension AugmentationStep {
    /// Takes the step in a plan: it may be left to chance.
    func plan(_ footprint: inout AugmentationFootprint) {
        if probability == 0 { return }
        footprint.choose([operation.plan], orNone: probability < 1)
    }
}

extension AugmentationChain {
    /// What the chain may hold at once, and make, of a sample.
    /// - Parameters:
    ///   - sample: at its largest.
    ///   - partner: samples that steps may take parts of, at their largest.
    package func footprint(
        of sample: AugmentationFootprint.Sample, partner: AugmentationFootprint.Sample
    ) -> AugmentationFootprint {
        var footprint = AugmentationFootprint(sample, partner: partner)
        for step in steps { step.plan(&footprint) }
        footprint.settle()
        return footprint
    }
}
