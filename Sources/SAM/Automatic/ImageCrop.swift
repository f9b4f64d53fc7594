/// A part of the image that is segmented by itself.
package struct ImageCrop: Sendable, Hashable {
    /// In the frame of the image; x1 and y1 are the first column and row outside.
    package let box: PixelBox
    /// 0 for the whole image; the number of the layer whose point grid is used.
    package let layer: Int

    /// The whole image, then the crops of each layer: columns from left to right, each from top to bottom.
    ///
    /// Crops that lie outside, as those of images of a few pixels may, are left out; the reference fails on them.
    package static func all(height: Int, width: Int, layers: Int, overlapRatio: Double) -> [ImageCrop] {
        var crops = [ImageCrop(box: PixelBox(x0: 0, y0: 0, x1: width, y1: height), layer: 0)]
        let shortSide = Double(min(height, width))
        for layer in 0..<layers {
            let count = 1 << (layer + 1)
            let overlap = Int(overlapRatio * shortSide * (2 / Double(count)))
            func length(_ whole: Int) -> Int {
                Int((Double(overlap * (count - 1) + whole) / Double(count)).rounded(.up))
            }
            let (cropWidth, cropHeight) = (length(width), length(height))
            for column in 0..<count {
                for row in 0..<count {
                    let (x, y) = ((cropWidth - overlap) * column, (cropHeight - overlap) * row)
                    guard x < width, y < height else { continue }
                    let box = PixelBox(
                        x0: x, y0: y, x1: min(x + cropWidth, width), y1: min(y + cropHeight, height))
                    crops.append(ImageCrop(box: box, layer: layer + 1))
                }
            }
        }
        return crops
    }
}
