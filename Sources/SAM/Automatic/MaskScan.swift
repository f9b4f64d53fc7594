private import Foundation
internal import Kernels
internal import Masks

/// Reads a low-resolution mask at the size of its image line by line: how stable it is, and its pixels.
///
/// The logits have the bits of ``SAMPreprocessing/logits(_:frame:)``, of which two lines at a time exist.
struct MaskScan: Sendable {
    /// What a scan found.
    struct Reading {
        /// IoU of the masks of logits above the offset and above its negative; NaN when both are empty.
        let stability: Float
        /// The mask of logits above 0.
        let mask: RowwiseEncoder
    }

    private let preprocessing: SAMPreprocessing
    private let frame: ImageFrame
    private let toInput: BilinearLines
    /// Nil where the image has the size that it was scaled to.
    private let toImage: BilinearLines?
    private let height: Int
    private let width: Int
    private let offset: Float

    /// - Parameters:
    ///   - frame: of the image that masks are for.
    ///   - preprocessing: of the model that made them.
    ///   - stabilityOffset: distance of the two thresholds from 0.
    init(frame: ImageFrame, preprocessing: SAMPreprocessing, stabilityOffset: Double) {
        self.frame = frame
        self.preprocessing = preprocessing
        let lowResSize = preprocessing.lowResSize
        height = frame.originalHeight
        width = frame.originalWidth
        // What is read are logits, or of recipes that scale probabilities these less 0.5.
        offset =
            preprocessing.recipe.maskScaling == .bilinearProbability
            ? 1 / (1 + expf(-Float(stabilityOffset))) - 0.5 : Float(stabilityOffset)
        let scaled = BilinearResize.Size(height: frame.scaledHeight, width: frame.scaledWidth)
        let original = BilinearResize.Size(height: height, width: width)
        toInput = BilinearLines(
            source: BilinearResize.Size(height: lowResSize, width: lowResSize),
            target: BilinearResize.Size(height: frame.imageSize, width: frame.imageSize), kept: scaled)
        toImage = scaled == original ? nil : BilinearLines(source: scaled, target: original)
    }

    /// Scans one mask on the calling thread.
    ///
    /// - Parameter logits: L * L, row-major.
    func read(_ logits: UnsafePointer<Float>) -> Reading {
        var counts = Counts()
        var encoder = RowwiseEncoder(width: width)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width) { bytes in
            guard let bytes = bytes.baseAddress else { return }
            forEachLine(of: logits) { line in
                counts.add(line, count: width, offset: offset)
                for pixel in 0..<width { bytes[pixel] = line[pixel] > 0 ? 1 : 0 }
                encoder.add(bytes)
            }
        }
        return Reading(stability: Float(counts.above) / Float(counts.aboveNegative), mask: encoder)
    }

    /// Pixels of logits over the two thresholds.
    private struct Counts {
        var above = 0
        var aboveNegative = 0

        @inline(__always)
        mutating func add(_ line: UnsafePointer<Float>, count: Int, offset: Float) {
            // 32 bits a line, so that the loop vectorises.
            var (high, low): (Int32, Int32) = (0, 0)
            for pixel in 0..<count {
                high &+= line[pixel] > offset ? 1 : 0
                low &+= line[pixel] > -offset ? 1 : 0
            }
            above += Int(high)
            aboveNegative += Int(low)
        }
    }

    /// Calls `body` with each line of logits at the size of the image.
    private func forEachLine(of logits: UnsafePointer<Float>, _ body: (UnsafePointer<Float>) -> Void) {
        let lowResSize = preprocessing.lowResSize
        guard preprocessing.recipe.maskScaling == .bilinear else {
            // Other families' ways back to the image's size are not worth a walk of their own.
            let low = UnsafeBufferPointer(start: logits, count: lowResSize * lowResSize)
            preprocessing.logits(low, frame: frame).withUnsafeBufferPointer { picture in
                guard let base = picture.baseAddress else { return }
                for line in 0..<height { body(base + line * width) }
            }
            return
        }
        let scratch = toInput.scratchCount + toInput.width + (toImage.map { $0.scratchCount + $0.width } ?? 0)
        BufferPool.withBuffer(scratch) { memory in
            let middle = memory + toInput.scratchCount
            var first = BilinearLines.Walk(toInput, scratch: memory)
            func scaledLine(_ index: Int) -> UnsafePointer<Float> {
                first.line(index, into: middle) { logits + $0 * lowResSize }
                return UnsafePointer(middle)
            }
            guard let toImage else {
                for line in 0..<height { body(scaledLine(line)) }
                return
            }
            let wide = middle + toInput.width
            let output = wide + toImage.scratchCount
            var second = BilinearLines.Walk(toImage, scratch: wide)
            for line in 0..<height {
                second.line(line, into: output, source: scaledLine)
                body(output)
            }
        }
    }
}
