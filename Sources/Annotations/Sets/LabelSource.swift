/// The labels of a data set in any format, read image by image.
///
/// What is kept in memory is a table of the images; their objects are read when they are asked for, so that a set may be
/// far larger than memory. COCO's elements are the common tongue: a format that says more keeps it in `extra`.
package protocol LabelSource: Sendable {
    /// In the set's order, each id once.
    var categories: [COCOCategory] { get }
    /// In the set's order, each id once.
    var images: [COCOImage] { get }
    /// What is wrong with the set as a whole, found while it was opened.
    var findings: [LabelFinding] { get }
    /// The directory that the images' file names are relative to, where the format knows it; nil asks the user.
    var imagesDirectory: String? { get }
    /// Whether the set states its images' ids; else they are numbers by their order, and a result that others wrote knows
    /// images by their names.
    var statesImageIDs: Bool { get }
    /// Whether the format states the size of its images; where it never does, a size that is not there is no defect.
    var statesImageSizes: Bool { get }
    /// Whether the format has a place for the area of an object; where it has none, an area that is not there is no defect.
    var statesAreas: Bool { get }
    /// Whether labels are in the frame that a viewer shows, with the EXIF orientation applied; else in that of the stored
    /// pixels, as in COCO.
    var framesAreUpright: Bool { get }

    /// The objects of one image, in the set's order; the same at every call, from any thread.
    ///
    /// - Parameters:
    ///   - index: position in ``images``.
    ///   - height: of the frame that the labels are in, in pixels, as the image file has it.
    ///   - width: of that frame, in pixels.
    ///   - report: told what is wrong, and what was left out for it.
    /// - Throws: failures that are not the data's fault.
    func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation]

    /// What the set says of an image beyond name and size.
    ///
    /// - Parameter index: position in ``images``.
    func members(ofImage index: Int) throws -> [RawMember]

    /// What the set says of itself as a whole: COCO's `info` and `licenses`.
    var sections: [RawMember] { get }

    /// Whether the set says how often images are to come up in an epoch.
    var statesRepeats: Bool { get }

    /// How often an image is to come up in an epoch, on average.
    ///
    /// - Parameter index: position in ``images``.
    func repeats(ofImage index: Int) -> Double

    /// The image file's bytes where the set itself holds them; nil when they are a file below the images' directory.
    ///
    /// - Parameter index: position in ``images``.
    func encodedImage(at index: Int) throws -> [UInt8]?

    /// The number of bytes of ``encodedImage(at:)``, without reading them where the set knows it.
    func encodedImageBytes(at index: Int) throws -> Int?

    /// The number of an image's objects where the set knows it without reading them; it need not be exact.
    ///
    /// - Parameter index: position in ``images``.
    func annotationCount(ofImage index: Int) -> Int?
}

extension LabelSource {
    package var imagesDirectory: String? { nil }
    package var statesImageIDs: Bool { true }
    package var statesImageSizes: Bool { true }
    package var statesAreas: Bool { true }
    package var framesAreUpright: Bool { false }
    package func members(ofImage index: Int) throws -> [RawMember] { images[index].extra }
    package var sections: [RawMember] { [] }
    package var statesRepeats: Bool { false }
    package func repeats(ofImage index: Int) -> Double { 1 }
    package func encodedImage(at index: Int) throws -> [UInt8]? { nil }
    package func encodedImageBytes(at index: Int) throws -> Int? { try encodedImage(at: index)?.count }
    package func annotationCount(ofImage index: Int) -> Int? { nil }
}
