/// One change of the colours of an image, the same for every pixel. Samples are taken in parts of full scale, and cut to
/// 0...1 after each change.
package enum ColourChange: Sendable, Hashable {
    /// `factor sample + offset`; factor 0 ..< 8, offset -8 ..< 8.
    case scale(factor: Double, offset: Double)
    /// `factor sample + (1 - factor) mean`, where mean is the mean luma of the image as it is at this change; factor
    /// 0 ..< 8.
    case contrast(Double)
    /// `factor sample + (1 - factor) luma`; factor 0 ..< 8, 0 for grey.
    case saturation(Double)
    /// Turns the hue (of hue, saturation and value) by parts of the circle.
    case hue(Double)
    /// Adds to hue (in parts of the circle), saturation and value, each kept in its range; grey stays grey.
    case hsv(hue: Double, saturation: Double, value: Double)
}
