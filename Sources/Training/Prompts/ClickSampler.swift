private import Masks
package import Runtime
package import SAM

/// Draws the next clicks on one object: where its predicted mask is wrong.
///
/// A mask is compared with the label on the grid of low-resolution masks: a cell is wrong where the predicted logit's sign
/// and the cell's share of the label disagree. A wrong cell counts as much as the area in it that is wrong, and the click is
/// a pixel of that area, taken from the label at full resolution: of the label for a missed cell, of the background for a cell
/// too many. So clicks are uniform in the error region as in the paper but for the edges inside cells, always true, and an
/// image of 2000 x 3000 pixels costs no more than a small one. Where no cell has more than half of the label, as with
/// objects of a few pixels, the cells with at least half of what the fullest has are the object.
package struct ClickSampler: Sendable {
    private let object: TrainingObject
    private let pixels: LabelPixels
    private let side: Int
    /// Pixels of the image that a cell is high and wide.
    private let cellHeight: Double
    private let cellWidth: Double
    /// Rows and columns of cells that lie in the image.
    private let rows: Int
    private let columns: Int
    /// Share of a cell from which on it belongs to the object.
    private let level: Float
    private let takesBackground: Bool
    /// Cells so far from the object that a background click there is clearly off it; nil where nobody asks.
    private let far: [Bool]?

    /// Pixels that micro-sam keeps between background clicks and the object, where it can.
    private static let clearance = 10.0
    /// Pixels by which a box is wider in which a background click is looked for where nothing is wrong.
    private static let margin = 3

    /// - Parameters:
    ///   - object: to be clicked on.
    ///   - frame: of its image.
    ///   - plan: which clicks are wanted.
    package init(_ object: TrainingObject, frame: ImageFrame, plan: PromptPlan) {
        self.object = object
        pixels = LabelPixels(object.label)
        side = object.target.width
        let cell = Double(frame.imageSize) / Double(side)
        cellHeight = cell / frame.scaleY
        cellWidth = cell / frame.scaleX
        rows = Self.cells(over: frame.originalHeight, size: cellHeight, side: side)
        columns = Self.cells(over: frame.originalWidth, size: cellWidth, side: side)
        let level = object.target.objectLevel
        self.level = level
        takesBackground = plan.limits.takesBackgroundPoints
        far =
            plan.promptProtocol == .microSAM && takesBackground
            ? Self.farCells(object.target, level: level, cells: Self.clearance / min(cellHeight, cellWidth)) : nil
    }

    private static func cells(over pixels: Int, size: Double, side: Int) -> Int {
        max(1, min(side, Int((Double(pixels) / size).rounded(.up))))
    }

    private static func farCells(_ target: MaskCoverage, level: Float, cells: Double) -> [Bool] {
        let bitmap = Bitmap(
            height: target.height, width: target.width, pixels: target.values.map { $0 > level ? 1 : 0 })
        return bitmap.squaredDistancesToForeground().map { Double($0) > cells * cells }
    }

    // MARK: Clicks

    /// The paper's next click: uniform in the error region, of the object where it was missed, of the background where there
    /// is too much. Where nothing is wrong, by chance a place of the object or of the background near by.
    ///
    /// - Parameter logits: of the last mask, side * side.
    package func click(after logits: UnsafePointer<Float>, random: inout CounterRandom) -> Prompt.Point {
        if let cell = drawn(&random, mass: { missed($0, logits) + (takesBackground ? surplus($0, logits) : 0) }),
            let point = point(in: cell, isForeground: logits[cell] <= 0, random: &random)
        {
            return point
        }
        if takesBackground, random.uniform() < 0.5, let point = backgroundNearBy(&random) { return point }
        return inside(&random)
    }

    /// micro-sam's next clicks: one of the object and one of the background.
    ///
    /// The first is where the object was missed, else where it was found; the second where there is too much of the mask, at
    /// least 10 pixels from the object if such a place is among them, else between the object and its box, three pixels
    /// wider. A label that covers the whole image has no background: both clicks are then of the object, as many as for the
    /// image's other objects. Models that know no background clicks get the first alone.
    package func clickPair(after logits: UnsafePointer<Float>, random: inout CounterRandom) -> [Prompt.Point] {
        let missedCell = drawn(&random) { missed($0, logits) }
        let objectCell =
            missedCell ?? drawn(&random) { logits[$0] > 0 && isObject($0) ? object.target.values[$0] : 0 }
        let positive =
            objectCell.flatMap { point(in: $0, isForeground: true, random: &random) } ?? inside(&random)
        guard takesBackground else { return [positive] }
        let clearCell = drawn(&random) { far?[$0] ?? false ? surplus($0, logits) : 0 }
        let surplusCell = clearCell ?? drawn(&random) { surplus($0, logits) }
        let negative =
            surplusCell.flatMap { point(in: $0, isForeground: false, random: &random) } ?? backgroundNearBy(&random)
            ?? inside(&random)
        return [positive, negative]
    }

    // MARK: Error regions

    private func isObject(_ cell: Int) -> Bool { object.target.values[cell] > level }

    /// What a cell adds to the region that belongs to the object but not to the mask.
    private func missed(_ cell: Int, _ logits: UnsafePointer<Float>) -> Float {
        logits[cell] <= 0 && isObject(cell) ? object.target.values[cell] : 0
    }

    /// What a cell adds to the region that belongs to the mask but not to the object.
    private func surplus(_ cell: Int, _ logits: UnsafePointer<Float>) -> Float {
        logits[cell] > 0 && !isObject(cell) ? 1 - object.target.values[cell] : 0
    }

    /// A cell of the image, each as likely as its mass; nil where there is none.
    @inline(__always)
    private func drawn(_ random: inout CounterRandom, mass: (_ cell: Int) -> Float) -> Int? {
        var total = 0.0
        for row in 0..<rows {
            for cell in row * side..<row * side + columns { total += Double(mass(cell)) }
        }
        guard total > 0 else { return nil }
        var rest = random.uniform() * total
        var last: Int?
        for row in 0..<rows {
            for cell in row * side..<row * side + columns {
                let part = Double(mass(cell))
                if part <= 0 { continue }
                if rest < part { return cell }
                rest -= part
                last = cell
            }
        }
        return last
    }

    // MARK: Pixels

    /// A pixel in a cell that belongs to the object, or does not; nil where the cell has none.
    private func point(in cell: Int, isForeground: Bool, random: inout CounterRandom) -> Prompt.Point? {
        let rows = Self.pixels(of: cell / side, size: cellHeight, count: pixels.height)
        let columns = Self.pixels(of: cell % side, size: cellWidth, count: pixels.width)
        return drawnPixel(rows, columns, isForeground: isForeground, random: &random)
    }

    private static func pixels(of cell: Int, size: Double, count: Int) -> Range<Int> {
        let first = min(count - 1, Int((Double(cell) * size).rounded(.down)))
        return first..<min(count, max(first + 1, Int((Double(cell + 1) * size).rounded(.up))))
    }

    /// One of the pixels in a window that belong to the object, or do not, each as likely.
    private func drawnPixel(
        _ rows: Range<Int>, _ columns: Range<Int>, isForeground: Bool, random: inout CounterRandom
    ) -> Prompt.Point? {
        var count = 0
        for row in rows {
            for column in columns where pixels.contains(row: row, column: column) == isForeground { count += 1 }
        }
        guard count > 0 else { return nil }
        var rank = random.index(below: count)
        for row in rows {
            for column in columns where pixels.contains(row: row, column: column) == isForeground {
                if rank == 0 { return Prompt.Point(x: Double(column), y: Double(row), isForeground: isForeground) }
                rank -= 1
            }
        }
        return nil
    }

    private func inside(_ random: inout CounterRandom) -> Prompt.Point {
        // There is no empty label but in the simulation that finds out how much memory a run needs.
        if pixels.rows.isEmpty { return Prompt.Point(x: Double(pixels.width / 2), y: Double(pixels.height / 2)) }
        return PromptSampler.point(in: object.label, random: &random)
    }

    /// A pixel of the object's box, a little wider, that is not of the object; nil where the object is the whole image.
    private func backgroundNearBy(_ random: inout CounterRandom) -> Prompt.Point? {
        drawnPixel(
            max(0, pixels.rows.lowerBound - Self.margin)..<min(pixels.height, pixels.rows.upperBound + Self.margin),
            max(
                0, pixels.columns.lowerBound - Self.margin)..<min(pixels.width, pixels.columns.upperBound + Self.margin),
            isForeground: false, random: &random)
    }
}
