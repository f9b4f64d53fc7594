/// What an expression can ask of an object or of its image.
package enum ExpressionField: String, Sendable, Hashable, CaseIterable {
    /// Pixels of the mask.
    case area
    /// Pixels of the box.
    case boxArea = "box_area"
    /// ``area`` in parts of ``boxArea``; 0 where that is 0.
    case fill
    /// Left edge of the box.
    case x
    /// Top edge of the box.
    case y
    /// Of the box.
    case width
    /// Of the box.
    case height
    /// The box's longer side in parts of its shorter one; 0 where that is 0.
    case aspect
    /// Name.
    case category
    /// As text.
    case categoryID = "category_id"
    /// As text.
    case id
    case isCrowd = "iscrowd"
    /// What `score` of the annotation says; comparisons with a score that is not there are false.
    case score
    /// Whether the mask, or a box without a mask, reaches the image's edge.
    case touchesBorder = "touches_border"
    case imageWidth = "image.width"
    case imageHeight = "image.height"
    /// Pixels.
    case imageArea = "image.area"
    /// The longer side in parts of the shorter one.
    case imageAspect = "image.aspect"
    /// Number of objects as they come in.
    case imageObjects = "image.objects"
    /// As in the labels.
    case imageFileName = "image.file_name"
    /// The folder in the file name, empty without one.
    case imageFolder = "image.folder"
    /// As text.
    case imageID = "image.id"

    /// Whether it can be asked without an object.
    package var isOfImage: Bool { rawValue.hasPrefix("image.") }

    var type: ExpressionType {
        switch self {
        case .category, .categoryID, .id, .imageFileName, .imageFolder, .imageID: .text
        case .isCrowd, .touchesBorder: .flag
        default: .number
        }
    }
}

/// What an expression is.
enum ExpressionType: String, Sendable, Hashable {
    case number = "a number"
    case text = "a text"
    case flag = "true or false"
}

/// What an expression amounts to.
enum ExpressionValue: Sendable, Hashable {
    case number(Double)
    case text(String)
    case flag(Bool)
    /// Nothing is known; comparisons with it are false.
    case missing
}
