private import Foundation
package import Masks
internal import Runtime

extension Augmentation {
    /// The window of one sample; nil when nothing is cropped or shrunk.
    ///
    /// One object, drawn evenly, is kept whole: the window grows until it holds the object and is placed around it.
    /// - Parameters:
    ///   - height: of the image, in pixels.
    ///   - width: of the image, in pixels.
    ///   - objects: boxes of the objects, in pixels; may be empty.
    package func crop(
        seed: UInt64, epoch: UInt64, sample: UInt64, height: Int, width: Int, objects: [Box]
    ) -> ScaleCrop? {
        if smallestCrop == 1 && smallestScale == 1 { return nil }
        var random = CounterRandom(seed: seed, epoch: epoch, sample: sample, purpose: Self.cropPurpose)
        let part = smallestCrop + random.uniform() * (1 - smallestCrop)
        let scale = Foundation.pow(smallestScale, random.uniform())
        let kept = objects.isEmpty ? nil : objects[random.index(below: objects.count)]
        let columns = Self.window(
            part: part, length: width, keeping: kept.map { ($0.x, $0.maxX) }, draw: random.uniform())
        let rows = Self.window(
            part: part, length: height, keeping: kept.map { ($0.y, $0.maxY) }, draw: random.uniform())
        return ScaleCrop(
            row: rows.lowerBound, column: columns.lowerBound, height: rows.count, width: columns.count,
            outputHeight: max(1, Int((Double(rows.count) * scale).rounded())),
            outputWidth: max(1, Int((Double(columns.count) * scale).rounded())))
    }

    /// The window along one axis: `part` of its length, longer if an object needs it, at a place drawn evenly from
    /// those that hold the object.
    private static func window(
        part: Double, length: Int, keeping object: (from: Double, to: Double)?, draw: Double
    ) -> Range<Int> {
        // Boxes come from users: they may lie outside, and are cut to whole pixels of the image here.
        func pixel(_ value: Double) -> Int { Int(min(Double(length), max(0, value.isFinite ? value : 0))) }
        let from = object.map { pixel($0.from.rounded(.down)) } ?? 0
        let to = object.map { max(from, pixel($0.to.rounded(.up))) } ?? 0
        let size = min(length, max(1, to - from, Int((part * Double(length)).rounded())))
        let first = object == nil ? 0 : max(0, to - size)
        let last = object == nil ? length - size : min(length - size, from)
        let start = first + Int(draw * Double(max(0, last - first) + 1))
        return start..<start + size
    }
}
