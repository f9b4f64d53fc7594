internal import Images
internal import Masks
internal import Runtime

/// Objects of another sample pasted into the image.
///
/// Source: Ghiasi et al., "Simple copy-paste is a strong data augmentation method for instance segmentation", 2021.
struct CopyPaste: AugmentationOperation {
    static let specification = StepSpecification(
        "CopyPaste", .mixing,
        "Objects of another sample are pasted at random places. What they cover is taken away from the masks below, and "
            + "objects of which too little is left are dropped. Groups of many are never pasted.",
        [
            ParameterSpecification(
                "num_objects_range", .wholeInterval(1...1000, .from(1)), [1, 5], "How many objects are pasted."),
            ParameterSpecification(
                "categories", .integers(-1 << 31...1 << 31), .null, "Only objects of these categories are pasted."),
            ParameterSpecification(
                "scale_range", .interval(0.05...20, .fixed), [0.8, 1.25],
                "Factor of size of a pasted object; it is made to fit into the image."),
            ParameterSpecification(
                "flip", .flag, true, "Whether half of the pasted objects are mirrored left to right."),
            ParameterSpecification("min_area", .integer(1...1 << 28), 16, "Smaller objects are not pasted, in pixels."),
            ParameterSpecification(
                "min_visibility", .number(0...1), 0.1,
                "Objects of which what is pasted leaves a smaller share are dropped."),
            ParameterSpecification(
                "blend", .integer(0...16), 1, "Pixels over which the inside of a pasted object's border is blended."),
            .probability(0.5),
        ])

    private let count: DrawInterval
    private let categories: Set<Int>?
    private let scale: DrawInterval
    private let flips: Bool
    private let leastArea: Int
    private let leastVisibility: Double
    private let blend: Int

    var needsPartners: Bool { true }

    init(_ parameters: StepParameters) {
        count = parameters.interval("num_objects_range")
        categories = parameters.has("categories") ? Set(parameters.integers("categories")) : nil
        scale = parameters.interval("scale_range")
        flips = parameters.flag("flip")
        leastArea = parameters.integer("min_area")
        leastVisibility = parameters.number("min_visibility")
        blend = parameters.integer("blend")
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.paste(objects: Int(count.high), scale: scale.high)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        let number = random.index(below: state.partners.count)
        let count = count.drawWhole(&random)
        let partner = try state.partners.sample(number)
        let candidates = partner.objects.filter { object in
            !object.isCrowd && object.mask.area >= leastArea && categories?.contains(object.category) ?? true
        }
        if candidates.isEmpty { return }
        state.settle()
        for index in random.permutation(candidates.count).prefix(count) {
            var nested = random.nested()
            let piece = piece(
                candidates[index], of: partner.image, height: state.height, width: state.width, random: &nested)
            paste(piece, partner: number, into: &state, random: &nested)
        }
    }

    /// An object in a frame of its own, mirrored and scaled, that fits into a frame of the given size.
    private func piece(
        _ object: AugmentedObject, of image: RGBImage, height: Int, width: Int, random: inout CounterRandom
    ) -> AugmentationState {
        let (factor, isFlipped) = (scale.draw(&random), random.uniform() < 0.5)
        // An object of a candidate's area has bounds.
        guard let bounds = object.mask.bounds else { preconditionFailure("an object without pixels") }
        var piece = AugmentationState(AugmentationSample(image: image, objects: [object]))
        piece.crop(
            row: bounds.rows.lowerBound, column: bounds.columns.lowerBound, height: bounds.rows.count,
            width: bounds.columns.count)
        if flips && isFlipped { piece.move(by: .flipHorizontal) }
        piece.resize(
            by: min(factor, Double(height) / Double(piece.height), Double(width) / Double(piece.width)))
        piece.settle()
        return piece
    }

    private func paste(
        _ piece: AugmentationState, partner: Int, into state: inout AugmentationState, random: inout CounterRandom
    ) {
        let row = random.index(below: max(1, state.height - piece.height + 1))
        let column = random.index(below: max(1, state.width - piece.width + 1))
        guard var object = piece.entries.first?.object, !object.mask.isEmpty, piece.height <= state.height,
            piece.width <= state.width
        else { return }
        let bitmap = object.mask.bitmap()
        let shares = Self.shares(bitmap, blend: blend)
        state.changeImage { image in
            var image = image
            image.blend(piece.image, shares: shares, row: row, column: column)
            return image
        }
        object.mask = object.mask.placed(height: state.height, width: state.width, top: row, left: column)
        for index in object.points.indices {
            object.points[index].x += Double(column)
            object.points[index].y += Double(row)
        }
        object.partner = partner
        state.cover(object.mask, minimumVisibility: leastVisibility)
        state.add(object)
    }

    /// How much of each pasted pixel is seen, 0...255: all of it inside, less within `blend` pixels of the border, nothing
    /// outside.
    static func shares(_ mask: Bitmap, blend: Int) -> [UInt8] {
        let whole = mask.pixels.map { $0 * 255 }
        if blend == 0 { return whole }
        // The mean of the mask around each pixel, by sums along the rows and then the columns; outside is nothing.
        let (height, width) = (mask.height, mask.width)
        let side = 2 * blend + 1
        var across = [Int](repeating: 0, count: height * width)
        for row in 0..<height {
            var sum = 0
            for column in 0..<width + blend {
                if column < width { sum += Int(mask.pixels[row * width + column]) }
                if column >= side { sum -= Int(mask.pixels[row * width + column - side]) }
                if column >= blend { across[row * width + column - blend] = sum }
            }
        }
        var shares = whole
        for column in 0..<width {
            var sum = 0
            for row in 0..<height + blend {
                if row < height { sum += across[row * width + column] }
                if row >= side { sum -= across[(row - side) * width + column] }
                if row >= blend, whole[(row - blend) * width + column] > 0 {
                    shares[(row - blend) * width + column] = UInt8(sum * 255 / (side * side))
                }
            }
        }
        return shares
    }
}

extension RGBImage {
    /// Lays another image over a window, which must lie inside.
    /// - Parameter shares: of each pixel of the other image, 0...255.
    fileprivate mutating func blend(_ image: RGBImage, shares: [UInt8], row: Int, column: Int) {
        pixels.withUnsafeMutableBufferPointer { pixels in
            for line in 0..<image.height {
                for place in 0..<image.width {
                    let share = Int(shares[line * image.width + place])
                    if share == 0 { continue }
                    let target = ((row + line) * width + column + place) * 3
                    let source = (line * image.width + place) * 3
                    for channel in 0..<3 {
                        let mixed =
                            Int(image.pixels[source + channel]) * share + Int(pixels[target + channel]) * (255 - share)
                        pixels[target + channel] = UInt8((mixed + 127) / 255)
                    }
                }
            }
        }
    }
}
