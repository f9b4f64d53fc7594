/// The rules of the findings that reading a COCO file can make.
package enum COCORule {
    /// A key stands twice in one element; the last usable value counts.
    package static let duplicateKey = "json.duplicate-key"
    /// The file starts with a byte order mark, at which many parsers fail.
    package static let byteOrderMark = "json.byte-order-mark"
    /// `NaN`, `Infinity`, or a number beyond the range of a 64-bit float. The value is ignored; written again, what is
    /// not JSON becomes null.
    package static let nonFiniteNumber = "json.non-finite"
    /// A text holds half of a surrogate pair, which no file name can have; it is read as U+FFFD.
    package static let loneSurrogate = "json.lone-surrogate"
    /// A key that COCO demands is missing; without an id, image id or category id the element is dropped.
    package static let missingKey = "schema.missing-key"
    /// A value has a type that its key cannot have; it is ignored, or the element dropped.
    package static let wrongType = "schema.type"
    /// A value of the right type that its key cannot have: a box of three numbers, half a pixel of width.
    package static let badValue = "schema.value"
    /// `segmentation` is one flat list of coordinates where a list of lists is due; it is read as one polygon.
    package static let flatPolygon = "polygon.flat"
    /// A run-length mask has keys besides `size` and `counts`; they are not kept.
    package static let unknownMaskKey = "rle.unknown-key"
    /// One of the lists `images`, `annotations`, `categories` is missing.
    package static let missingSection = "schema.missing-section"
}
