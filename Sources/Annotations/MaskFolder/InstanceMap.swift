internal import Images
internal import Masks

/// A label image taken apart into its objects: pixels of one value, or colour, are one object; 0, or black, is none.
struct InstanceMap {
    /// Pixels of one value.
    struct Region {
        /// The number of the region in ``InstanceMap/labels``.
        fileprivate let label: UInt16
        fileprivate(set) var rows: Range<Int>
        fileprivate(set) var columns: Range<Int>
    }

    /// More regions than this in one image are noise, not objects.
    static let maximumCount = Int(UInt16.max)

    /// Values of a map of 8 bits from which on all are white, if there are no others: those of a mask that was scaled or
    /// compressed on its way.
    private static let nearlyWhite: UInt64 = 250

    /// In ascending order of their values.
    private(set) var regions: [Region] = []
    /// Whether the one foreground value is the largest that a sample can have.
    private(set) var isOnlyLargestValue = false
    /// Whether it has several values and all of them are nearly white, so that it is none of many objects.
    private(set) var isNearlyWhite = false
    /// A value that a mask of one object should not have, where the map is of one object.
    private(set) var oddValue: Int?
    /// Row-major: 0 for background, else the number of the region from 1.
    private let labels: [UInt16]
    private let width: Int

    /// A mask of one object: all above 0 is one region.
    init(binary image: LabelImage) {
        width = image.width
        var labels = [UInt16](repeating: 0, count: image.height * image.width)
        var values: Set<UInt64> = []
        var last: UInt64 = 0
        for pixel in labels.indices {
            let key = image.key(at: pixel)
            guard key != 0 else { continue }
            labels[pixel] = 1
            // A mask of many colours is odd whatever they are: there is no need to know them all.
            if key != last, values.count < 8 { values.insert(key) }
            last = key
        }
        if image.colourChannels == 1 {
            let largest = UInt64(image.largestValue)
            let odd = values.subtracting([1, largest]).min() ?? (values.count > 1 ? 1 : nil)
            oddValue = odd.map { Int($0) }
        }
        self.labels = labels
        regions = Self.regions(labels, width: width, count: values.isEmpty ? 0 : 1)
    }

    /// A map of many objects; nil when it has more than ``maximumCount`` values.
    init?(_ image: LabelImage) {
        width = image.width
        let pixels = 0..<image.height * image.width
        var values: Set<UInt64> = []
        var last: UInt64 = 0
        for pixel in pixels {
            let key = image.key(at: pixel)
            guard key != last else { continue }
            last = key
            if key != 0, values.insert(key).inserted, values.count > Self.maximumCount { return nil }
        }
        let sorted = values.sorted()
        var numbers: [UInt64: UInt16] = [0: 0]
        for (index, value) in sorted.enumerated() { numbers[value] = UInt16(index + 1) }
        var previous: (key: UInt64, number: UInt16) = (0, 0)
        labels = pixels.map { pixel in
            let key = image.key(at: pixel)
            if key != previous.key { previous = (key, numbers[key] ?? 0) }
            return previous.number
        }
        isNearlyWhite =
            image.colourChannels == 1 && image.bitDepth == 8 && image.palette == nil && sorted.count > 1
            && sorted[0] >= Self.nearlyWhite
        isOnlyLargestValue = image.colourChannels == 1 && sorted == [UInt64(image.largestValue)]
        regions = Self.regions(labels, width: width, count: sorted.count)
    }

    /// The region's pixels inside its box.
    func bitmap(of region: Region) -> Bitmap {
        var pixels: [UInt8] = []
        pixels.reserveCapacity(region.rows.count * region.columns.count)
        for row in region.rows {
            for column in region.columns { pixels.append(labels[row * width + column] == region.label ? 1 : 0) }
        }
        return Bitmap(height: region.rows.count, width: region.columns.count, pixels: pixels)
    }

    private static func regions(_ labels: [UInt16], width: Int, count: Int) -> [Region] {
        var boxes = [(top: Int, bottom: Int, left: Int, right: Int)](
            repeating: (Int.max, -1, Int.max, -1), count: count)
        for (pixel, label) in labels.enumerated() where label != 0 {
            let (row, column) = pixel.quotientAndRemainder(dividingBy: width)
            let index = Int(label) - 1
            boxes[index].top = min(boxes[index].top, row)
            boxes[index].bottom = row
            boxes[index].left = min(boxes[index].left, column)
            boxes[index].right = max(boxes[index].right, column)
        }
        return boxes.enumerated().map { index, box in
            Region(label: UInt16(index + 1), rows: box.top..<box.bottom + 1, columns: box.left..<box.right + 1)
        }
    }
}

extension LabelImage {
    /// Channels without alpha: 1 or 3.
    fileprivate var colourChannels: Int { channels <= 2 ? 1 : 3 }

    /// A pixel as one number: its value, or red, green and blue one after the other; alpha says nothing.
    @inline(__always) fileprivate func key(at pixel: Int) -> UInt64 {
        if channels == 1 { return UInt64(values[pixel]) }
        let first = pixel * channels
        if channels == 2 { return UInt64(values[first]) }
        return UInt64(values[first]) << 32 | UInt64(values[first + 1]) << 16 | UInt64(values[first + 2])
    }
}
