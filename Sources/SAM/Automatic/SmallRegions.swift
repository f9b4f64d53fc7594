package import Masks

/// Removal of small holes and islands from masks; pixels that touch at a corner belong together.
///
/// Source: `remove_small_regions` of segment-anything `utils/amg.py`.
package enum SmallRegions {
    /// Fills regions of background with fewer than `area` pixels; one that reaches the image's edge counts, too.
    ///
    /// - Returns: nil when there is none.
    package static func fillingHoles(of mask: Bitmap, below area: Int) -> Bitmap? {
        let background = Bitmap(height: mask.height, width: mask.width, pixels: mask.pixels.map { 1 - $0 })
        let regions = background.connectedComponents(eightConnected: true)
        guard regions.areas.contains(where: { $0 < area }) else { return nil }
        let isFilled = [true] + regions.areas.map { $0 < area }
        return pixels(of: regions, where: isFilled)
    }

    /// Removes regions of the mask with fewer than `area` pixels. If all are smaller, the largest one stays.
    ///
    /// - Returns: nil when there is none.
    package static func removingIslands(of mask: Bitmap, below area: Int) -> Bitmap? {
        let regions = mask.connectedComponents(eightConnected: true)
        guard regions.areas.contains(where: { $0 < area }) else { return nil }
        var isKept = [false] + regions.areas.map { $0 >= area }
        if !isKept.contains(true) { isKept[firstLargest(regions)] = true }
        return pixels(of: regions, where: isKept)
    }

    /// Both, holes first.
    ///
    /// - Returns: nil when nothing was changed.
    package static func cleaned(_ mask: Bitmap, below area: Int) -> Bitmap? {
        let filled = fillingHoles(of: mask, below: area)
        return removingIslands(of: filled ?? mask, below: area) ?? filled
    }

    private static func pixels(of regions: ConnectedComponents, where isInside: [Bool]) -> Bitmap {
        Bitmap(
            height: regions.height, width: regions.width,
            pixels: regions.labels.map { isInside[Int($0)] ? 1 : 0 })
    }

    /// The label of the largest region. Of several, the one whose first block of 2 x 2 pixels comes first, row by row: the
    /// order in which OpenCV numbers regions.
    private static func firstLargest(_ regions: ConnectedComponents) -> Int {
        guard let most = regions.areas.max() else { preconditionFailure("a mask without regions has no largest") }
        let (height, width) = (regions.height, regions.width)
        for top in stride(from: 0, to: height, by: 2) {
            for left in stride(from: 0, to: width, by: 2) {
                for row in top..<min(height, top + 2) {
                    for column in left..<min(width, left + 2) {
                        let label = Int(regions.labels[row * width + column])
                        if label > 0 && regions.areas[label - 1] == most { return label }
                    }
                }
            }
        }
        preconditionFailure("no pixel has the label of the largest region")
    }
}
