package import Masks

/// A mask on a coarser grid: the share of each cell that the mask covers, 0...1.
///
/// The label is a piecewise constant function of the plane, so its integral over a cell follows exactly from four
/// values of the integral image, interpolated linearly between pixel corners. A thresholded nearest-neighbour target
/// would move the edges of an object of ten pixels by up to half a cell; the share does not.
package struct MaskCoverage: Sendable, Hashable {
    /// Rows and columns of the grid.
    package let height: Int
    package let width: Int
    /// Row-major, `height * width`.
    package let values: [Float]

    /// Nothing covered.
    init(emptyOfHeight height: Int, width: Int) {
        self.height = height
        self.width = width
        values = [Float](repeating: 0, count: height * width)
    }

    /// - Parameters:
    ///   - mask: the label at the size of the original image.
    ///   - height: rows of the grid.
    ///   - width: columns of the grid.
    ///   - cellHeight: pixels of the original image that a cell is high, above 0.
    ///   - cellWidth: pixels of the original image that a cell is wide, above 0.
    package init(of mask: RLE, height: Int, width: Int, cellHeight: Double, cellWidth: Double) {
        precondition(cellHeight > 0 && cellWidth > 0, "cells of \(cellHeight) x \(cellWidth) pixels")
        self.height = height
        self.width = width
        var values = [Float](repeating: 0, count: height * width)
        let box = mask.boundingBox
        if box.width > 0 && box.height > 0 {
            let integral = BoxIntegral(of: mask, box: box)
            let rows = Self.cells(from: box.y, to: box.maxY, size: cellHeight, count: height)
            let columns = Self.cells(from: box.x, to: box.maxX, size: cellWidth, count: width)
            let cellArea = cellHeight * cellWidth
            for row in rows {
                let (top, bottom) = (Double(row) * cellHeight, Double(row + 1) * cellHeight)
                for column in columns {
                    let (left, right) = (Double(column) * cellWidth, Double(column + 1) * cellWidth)
                    let covered =
                        integral.value(x: right, y: bottom) - integral.value(x: left, y: bottom)
                        - integral.value(x: right, y: top) + integral.value(x: left, y: top)
                    values[row * width + column] = Float(min(max(covered / cellArea, 0), 1))
                }
            }
        }
        self.values = values
    }

    /// The share above which a cell belongs to the object: one half; for an object so small that no cell has that much, half of
    /// what the fullest cell has.
    package var objectLevel: Float { min(0.5, (values.max() ?? 0) / 2) }

    /// The cells that an interval of pixels touches.
    private static func cells(from start: Double, to end: Double, size: Double, count: Int) -> Range<Int> {
        let first = min(count, max(0, Int((start / size).rounded(.down))))
        let last = min(count, max(first, Int((end / size).rounded(.up))))
        return first..<last
    }
}

/// The integral image of a mask inside its bounding box: how many foreground pixels lie left of and above a corner.
private struct BoxIntegral {
    private let left: Int
    private let top: Int
    private let width: Int
    private let height: Int
    /// [height + 1, width + 1], row-major.
    private var sums: [Int32]

    init(of mask: RLE, box: Box) {
        (left, top, width, height) = (Int(box.x), Int(box.y), Int(box.width), Int(box.height))
        sums = [Int32](repeating: 0, count: (height + 1) * (width + 1))
        var position = 0
        for (index, count) in mask.counts.enumerated() {
            let end = position + Int(count)
            if index % 2 == 1 {
                for pixel in position..<end {
                    let (column, row) = (pixel / mask.height - left, pixel % mask.height - top)
                    sums[(row + 1) * (width + 1) + column + 1] = 1
                }
            }
            position = end
        }
        for row in 1...height {
            var run: Int32 = 0
            for column in 1...width {
                run += sums[row * (width + 1) + column]
                sums[row * (width + 1) + column] = run + sums[(row - 1) * (width + 1) + column]
            }
        }
    }

    /// The area of the mask left of `x` and above `y`, in pixels, exact between pixel corners as well.
    func value(x: Double, y: Double) -> Double {
        let dx = min(max(x - Double(left), 0), Double(width))
        let dy = min(max(y - Double(top), 0), Double(height))
        let (column, row) = (min(Int(dx), width - 1), min(Int(dy), height - 1))
        let (fx, fy) = (dx - Double(column), dy - Double(row))
        let base = row * (width + 1) + column
        let upper = Double(sums[base]) * (1 - fx) + Double(sums[base + 1]) * fx
        let lower = Double(sums[base + width + 1]) * (1 - fx) + Double(sums[base + width + 2]) * fx
        return upper * (1 - fy) + lower * fy
    }
}
