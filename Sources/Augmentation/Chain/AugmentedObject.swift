package import Masks

/// One object of a sample; the mask is what counts, the box follows from it.
package struct AugmentedObject: Sendable, Hashable {
    /// A point that belongs to an object, such as a prompt.
    package struct Point: Sendable, Hashable {
        /// In pixels; whole numbers are the middles of pixels, as in SAM's point prompts.
        package var x: Double
        package var y: Double
        /// Which of the object's points it is; whoever wants to know them again numbers them.
        package var number: Int

        package init(x: Double, y: Double, number: Int = 0) {
            self.x = x
            self.y = y
            self.number = number
        }
    }

    /// The sample it is of: nil for the one that went into the chain, else the number of the partner.
    package var partner: Int?
    /// Its place among the objects of that sample.
    package var index: Int
    package var category: Int
    /// Whether it stands for a group of many.
    package var isCrowd: Bool
    package var mask: RLE
    /// Prompts and the like, moved with the mask.
    package var points: [Point]

    package init(
        index: Int, category: Int = 0, isCrowd: Bool = false, mask: RLE, points: [Point] = [], partner: Int? = nil
    ) {
        self.index = index
        self.category = category
        self.isCrowd = isCrowd
        self.mask = mask
        self.points = points
        self.partner = partner
    }

    /// The tightest box around the mask.
    package var box: Box { mask.boundingBox }
}
