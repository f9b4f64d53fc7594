package import Annotations
private import Runtime

/// The directory of a set's images, when the user does not say which it is: the first of the likely places that holds one
/// of them.
package struct ImageFolder: Sendable, Hashable {
    /// The directory; the first likely place where none holds an image.
    package let path: String
    /// Where images were looked for; empty for a set that holds its images.
    package let places: [String]

    /// The file of an image in a directory, by its name in the labels.
    ///
    /// Images that are looked for in each place: the first may be missing.
    private static let probes = 64

    /// - Parameters:
    ///   - source: the labels.
    ///   - input: where they were read from.
    ///   - allowsOutside: whether file names may lead out of the directory.
    /// - Throws: what the source throws.
    package init(of source: any LabelSource, at input: String, allowsOutside: Bool = false) throws {
        let places = ([source.imagesDirectory].compactMap { $0 } + LabelFormat.imagePlaces(near: input))
            .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let images = source.images.prefix(Self.probes)
        if try !images.isEmpty && source.encodedImageBytes(at: 0) != nil {
            (path, self.places) = (places[0], [])
            return
        }
        let found = places.first { place in
            images.contains { image in
                let file = ImagePath(image.fileName, in: place, allowsOutside: allowsOutside)
                return !image.fileName.isEmpty && !file.isRefused && FileSystem.exists(file.path)
            }
        }
        (path, self.places) = (found ?? places[0], places)
    }
}
