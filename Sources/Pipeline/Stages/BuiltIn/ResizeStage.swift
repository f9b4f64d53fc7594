internal import Annotations
private import Augmentation
internal import Images
internal import Masks
internal import Shards

/// Scales images, with masks and boxes, as Pillow's bilinear filter with antialiasing does.
package struct ResizeStage: ConfiguredStage {
    package static let name = "resize"
    package static let keys = ["longest-side", "shortest-side", "width", "height", "enlarge"]
    package static let vanishedRule = "resize.vanished"

    /// What the new size is made of.
    package enum Size: Sendable, Hashable {
        case longestSide(Int)
        case shortestSide(Int)
        /// Both sides, whatever the image's shape.
        case exact(width: Int, height: Int)
    }

    private let size: Size
    private let enlarges: Bool

    /// - Parameter enlarges: images that are smaller are scaled as well.
    package init(_ size: Size, enlarges: Bool = true) {
        self.size = size
        self.enlarges = enlarges
    }

    package init(_ settings: StageSettings) throws {
        let sides = 1...65500
        let longest = try settings.integer("longest-side", in: sides)
        let shortest = try settings.integer("shortest-side", in: sides)
        let width = try settings.integer("width", in: sides)
        let height = try settings.integer("height", in: sides)
        switch (longest, shortest, width, height) {
        case (let side?, nil, nil, nil): size = .longestSide(side)
        case (nil, let side?, nil, nil): size = .shortestSide(side)
        case (nil, nil, let width?, let height?): size = .exact(width: width, height: height)
        default: throw settings.failure("set one of longest-side, shortest-side, or width and height")
        }
        enlarges = try settings.flag("enlarge") ?? true
    }

    package var keepsFrame: Bool { false }
    package var movesPlaces: Bool { true }

    package var summary: String {
        let what =
            switch size {
            case .longestSide(let side): "longest side to \(side)"
            case .shortestSide(let side): "shortest side to \(side)"
            case .exact(let width, let height): "to \(width) x \(height)"
            }
        return what + (enlarges ? "" : ", never larger")
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        let (width, height) = target(width: sample.width, height: sample.height)
        if (width, height) == (sample.width, sample.height) { return [sample] }
        var scaled = sample
        scaled.replacePixels(width: width, height: height) { $0.resized(width: width, height: height) }
        let (x, y) = (Double(width) / Double(sample.width), Double(height) / Double(sample.height))
        scaled.objects = sample.objects.compactMap { original in
            let object = original.with(
                places: original.places.map {
                    AugmentedObject.Point(x: ($0.x + 0.5) * x - 0.5, y: ($0.y + 0.5) * y - 0.5, number: $0.number)
                })
            let mask = object.mask.resized(height: height, width: width)
            guard mask.isEmpty else { return object.with(mask: mask) }
            // What had no pixel before is a box without a mask, and stays one.
            guard object.mask.isEmpty, let box = object.annotation.bbox else {
                ledger.reject(
                    .annotation, Self.vanishedRule, at: object.annotation.location,
                    "none of its \(object.mask.area) pixels is left at \(width) x \(height)")
                return nil
            }
            var moved = object.with(mask: mask)
            moved.annotation.bbox = Box(x: box.x * x, y: box.y * y, width: box.width * x, height: box.height * y)
            moved.annotation.area = object.annotation.area.map { $0 * x * y }
            return moved
        }
        return [scaled]
    }

    /// The new size; sides are rounded to the nearest pixel, and at least 1.
    func target(width: Int, height: Int) -> (width: Int, height: Int) {
        let scale: Double
        switch size {
        case .exact(let newWidth, let newHeight):
            return enlarges || newWidth < width || newHeight < height ? (newWidth, newHeight) : (width, height)
        case .longestSide(let side): scale = Double(side) / Double(max(width, height))
        case .shortestSide(let side): scale = Double(side) / Double(min(width, height))
        }
        if scale > 1 && !enlarges { return (width, height) }
        func scaled(_ side: Int) -> Int { min(65500, max(1, Int((Double(side) * scale + 0.5).rounded(.down)))) }
        return (scaled(width), scaled(height))
    }
}
