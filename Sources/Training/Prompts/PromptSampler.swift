package import Masks
package import Runtime
package import SAM

/// Draws prompts from labels; every draw is a pure function of the mask and a random stream.
///
/// Source: Kirillov et al., "Segment Anything", 2023, appendix A: a box or a point with probability 1/2 each; box
/// corners with Gaussian noise of 10 % of the side, at most 20 pixels; points uniform in the mask.
package struct PromptSampler: Sendable, Hashable {
    /// Probability of a box; otherwise a point.
    package var boxProbability: Double
    /// Standard deviation of a corner's shift, as a share of the box's side.
    package var boxNoise: Double
    /// Largest shift of a corner coordinate, in pixels.
    package var boxNoiseLimit: Double

    package init(boxProbability: Double = 0.5, boxNoise: Double = 0.1, boxNoiseLimit: Double = 20) {
        self.boxProbability = boxProbability
        self.boxNoise = boxNoise
        self.boxNoiseLimit = boxNoiseLimit
    }

    /// A prompt for one object.
    ///
    /// - Parameter mask: at least one pixel of foreground.
    package func prompt(for mask: RLE, random: inout CounterRandom) -> Prompt {
        random.uniform() < boxProbability
            ? Prompt(box: box(around: mask, random: &random))
            : Prompt(points: [Self.point(in: mask, random: &random)])
    }

    /// The mask's bounding box with noise on each corner, kept inside the image and at least one pixel wide and high.
    ///
    /// Per coordinate: `shift = clamp(normal * boxNoise * side, -boxNoiseLimit ... boxNoiseLimit)`.
    package func box(around mask: RLE, random: inout CounterRandom) -> Box {
        let box = mask.boundingBox
        var shifts: [Double] = []
        for side in [box.width, box.height, box.width, box.height] {
            let shift = random.normal() * boxNoise * side
            shifts.append(min(max(shift, -boxNoiseLimit), boxNoiseLimit))
        }
        let (left, right) = Self.interval(box.x + shifts[0], box.maxX + shifts[2], below: Double(mask.width))
        let (top, bottom) = Self.interval(box.y + shifts[1], box.maxY + shifts[3], below: Double(mask.height))
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }

    /// Two ends in order, inside `0 ... limit`, at least one apart where the limit allows.
    private static func interval(_ a: Double, _ b: Double, below limit: Double) -> (Double, Double) {
        var low = min(max(min(a, b), 0), limit)
        var high = min(max(max(a, b), 0), limit)
        if high - low < 1 {
            low = max(0, min(low, limit - 1))
            high = min(limit, low + 1)
        }
        return (low, high)
    }

    /// A pixel of the mask, each with the same probability.
    package static func point(in mask: RLE, random: inout CounterRandom) -> Prompt.Point {
        let area = mask.area
        precondition(area > 0, "an empty mask of \(mask.height) x \(mask.width) has no point")
        var rank = random.index(below: area)
        var position = 0
        for (index, count) in mask.counts.enumerated() {
            let length = Int(count)
            if index % 2 == 1 {
                if rank < length { return at(position + rank, height: mask.height) }
                rank -= length
            }
            position += length
        }
        preconditionFailure("the runs hold fewer than the mask's \(area) pixels")
    }

    /// The pixel farthest from the background and the image's border; of several the one nearest to their centre,
    /// then the first in row-major order.
    package static func deepestPoint(in mask: RLE) -> Prompt.Point {
        precondition(!mask.isEmpty, "an empty mask of \(mask.height) x \(mask.width) has no deepest point")
        // Only the mask's box matters, and outside it is background; that keeps the distance transform small.
        let box = mask.boundingBox
        let (left, top) = (Int(box.x), Int(box.y))
        let (width, height) = (Int(box.width), Int(box.height))
        let part = mask.bitmap().cropped(rows: top..<top + height, columns: left..<left + width)
        let depth = part.squaredDistanceTransform(borderIsBackground: true)
        let deepest = depth.max() ?? 0
        let candidates = depth.indices.filter { depth[$0] == deepest }
        let centreX = Double(candidates.reduce(0) { $0 + $1 % width }) / Double(candidates.count)
        let centreY = Double(candidates.reduce(0) { $0 + $1 / width }) / Double(candidates.count)
        func distance(_ index: Int) -> Double {
            let (dx, dy) = (Double(index % width) - centreX, Double(index / width) - centreY)
            return dx * dx + dy * dy
        }
        let chosen = candidates.min { distance($0) < distance($1) } ?? 0
        return Prompt.Point(x: Double(left + chosen % width), y: Double(top + chosen / width))
    }

    /// The pixel at a column-major position.
    private static func at(_ position: Int, height: Int) -> Prompt.Point {
        Prompt.Point(x: Double(position / height), y: Double(position % height))
    }
}
