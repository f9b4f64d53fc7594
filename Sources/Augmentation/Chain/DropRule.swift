internal import Masks

/// When an object that is still there counts as lost. Parameters as in albumentations' `BboxParams`.
package struct DropRule: Sendable, Hashable {
    /// Objects of fewer pixels are dropped; at least 1.
    package var minimumArea: Int
    /// Objects of which a smaller share is seen are dropped: pixels left, over the pixels that the object would have if
    /// nothing of it were cut off or covered; 0...1. Groups of many are kept whatever their share.
    package var minimumVisibility: Double
    /// Objects whose box is narrower are dropped, in pixels.
    package var minimumWidth: Int
    /// Objects whose box is lower are dropped, in pixels.
    package var minimumHeight: Int

    package init(
        minimumArea: Int = 1, minimumVisibility: Double = 0, minimumWidth: Int = 1, minimumHeight: Int = 1
    ) {
        self.minimumArea = minimumArea
        self.minimumVisibility = minimumVisibility
        self.minimumWidth = minimumWidth
        self.minimumHeight = minimumHeight
    }

    /// The parameters of a description.
    static let parameters = [
        ParameterSpecification("min_area", .integer(1...1 << 28), 1, "Objects of fewer pixels are dropped."),
        ParameterSpecification(
            "min_visibility", .number(0...1), 0,
            "Objects are dropped of which a smaller share is seen, after cropping and covering."),
        ParameterSpecification("min_width", .integer(1...1 << 28), 1, "Objects with a narrower box are dropped."),
        ParameterSpecification("min_height", .integer(1...1 << 28), 1, "Objects with a lower box are dropped."),
    ]

    /// Why an object is dropped; nil when it is kept.
    /// - Parameters:
    ///   - wholeArea: pixels that it would have if nothing were cut off or covered.
    ///   - isCovered: whether something was put over it.
    func rule(for object: AugmentedObject, wholeArea: Double, isCovered: Bool) -> DroppedObject.Rule? {
        let area = object.mask.area
        if area == 0 { return isCovered ? .covered : .outside }
        if area < minimumArea { return .area }
        let box = object.box
        if Int(box.width) < minimumWidth || Int(box.height) < minimumHeight { return .side }
        // Half a pixel of grace each way: small masks change their area when they are turned.
        if !object.isCrowd && Double(area) + 0.5 < minimumVisibility * wholeArea { return .visibility }
        return nil
    }
}
