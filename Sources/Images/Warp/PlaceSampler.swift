/// Makes the colour at any place of an image.
struct PlaceSampler {
    /// [height, width, 3] bytes.
    let source: UnsafeBufferPointer<UInt8>
    let width: Int
    /// Of the source that may be looked at.
    let rows: Range<Int>
    let columns: Range<Int>
    let interpolation: Interpolation
    let border: BorderMode
    let fill: RGBColour
    private let tapCount: Int
    /// Weights by share, ``shares`` times ``tapCount``.
    private let table: [Float]

    private static let shares = 1024

    /// - Parameter table: of ``table(_:)``.
    init(
        source: UnsafeBufferPointer<UInt8>, width: Int, rows: Range<Int>, columns: Range<Int>,
        interpolation: Interpolation, table: [Float], border: BorderMode, fill: RGBColour
    ) {
        self.source = source
        self.width = width
        self.rows = rows
        self.columns = columns
        self.interpolation = interpolation
        self.border = border
        self.fill = fill
        tapCount = interpolation.tapCount
        self.table = table
    }

    /// The weights of all shares of a pixel, one share after the other.
    static func table(_ interpolation: Interpolation) -> [Float] {
        (0..<shares).flatMap { share in
            interpolation.weights(share: Double(share) / Double(shares)).map { Float($0) }
        }
    }

    /// - Parameters:
    ///   - x: whole numbers are the middles of pixels; what is not a number is outside.
    ///   - y: likewise.
    func colour(x: Double, y: Double) -> (red: Float, green: Float, blue: Float) {
        let outside = (Float(fill.red), Float(fill.green), Float(fill.blue))
        guard abs(x) < 1e8, abs(y) < 1e8 else { return outside }
        let (column, shareX) = split(x)
        let (row, shareY) = split(y)
        var (red, green, blue) = (Float(0), Float(0), Float(0))
        for down in 0..<tapCount {
            let vertical = table[shareY * tapCount + down]
            let line = border.position(row + down - rows.lowerBound, length: rows.count)
            for across in 0..<tapCount {
                let weight = vertical * table[shareX * tapCount + across]
                guard let line,
                    let place = border.position(column + across - columns.lowerBound, length: columns.count)
                else {
                    red += weight * outside.0
                    green += weight * outside.1
                    blue += weight * outside.2
                    continue
                }
                let offset = ((line + rows.lowerBound) * width + place + columns.lowerBound) * 3
                red += weight * Float(source[offset])
                green += weight * Float(source[offset + 1])
                blue += weight * Float(source[offset + 2])
            }
        }
        return (red, green, blue)
    }

    /// The first of the pixels that a place is made of, and the number of its weights.
    private func split(_ place: Double) -> (first: Int, share: Int) {
        if interpolation == .nearest { return (Int((place + 0.5).rounded(.down)), 0) }
        let whole = place.rounded(.down)
        let share = Int(((place - whole) * Double(Self.shares)).rounded())
        // A share that is rounded to all of a pixel is the next one's nothing.
        let first = Int(whole) - (tapCount / 2 - 1)
        return share == Self.shares ? (first + 1, 0) : (first, share)
    }
}
