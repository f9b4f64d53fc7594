internal import Masks

/// A map in which each pixel belongs to one object: what is drawn later covers what was drawn before.
struct LabelCanvas {
    let height: Int
    let width: Int
    /// [height, width], row-major; 0 is background.
    private(set) var values: [UInt32]

    init(height: Int, width: Int) {
        self.height = height
        self.width = width
        values = [UInt32](repeating: 0, count: height * width)
    }

    /// Gives the pixels of a mask of the canvas's size a value.
    mutating func draw(_ mask: RLE, value: UInt32) {
        precondition(mask.height == height && mask.width == width, "a mask of another size than its canvas")
        var position = 0
        for (index, count) in mask.counts.enumerated() {
            if index % 2 == 1 {
                var (column, row) = position.quotientAndRemainder(dividingBy: height)
                for _ in 0..<count {
                    values[row * width + column] = value
                    row += 1
                    if row == height { (row, column) = (0, column + 1) }
                }
            }
            position += Int(count)
        }
    }

    /// What is left of each value; one that was covered wholly is not among them.
    func masks() throws(MaskError) -> [UInt32: RLE] {
        Dictionary(
            (try ValueRuns.masks(of: values, height: height, width: width) ?? []).map { ($0.value, $0.mask) },
            uniquingKeysWith: { first, _ in first })
    }
}
