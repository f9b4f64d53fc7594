package import Masks

/// One object that was found without being asked for.
package struct AutomaticMask: Sendable, Hashable {
    /// The mask at the size of the image.
    package var rle: RLE
    /// First and last column and row of the mask, as the reference measures them.
    package var box: PixelBox
    /// The model's own estimate of the mask's IoU with the truth.
    package var predictedIoU: Float
    /// Where the model was asked, in pixels of the image.
    package var point: PointGrid.Place
    /// IoU of the masks at a higher and at a lower threshold of the logits; NaN when both are empty.
    package var stabilityScore: Float
    /// The part of the image that was looked at; x1 and y1 lie outside.
    package var cropBox: PixelBox

    package init(
        rle: RLE, box: PixelBox, predictedIoU: Float, point: PointGrid.Place, stabilityScore: Float, cropBox: PixelBox
    ) {
        self.rle = rle
        self.box = box
        self.predictedIoU = predictedIoU
        self.point = point
        self.stabilityScore = stabilityScore
        self.cropBox = cropBox
    }

    /// The number of pixels.
    package var area: Int { rle.area }
}
