internal import Annotations
internal import Runtime
internal import Shards

/// A source of labels on its way through a conversion: its table of images, and what was found when it was opened.
struct LabelSet: Sendable {
    let source: any LabelSource
    /// The source's images, in its order.
    let images: [COCOImage]
    /// What is wrong with the set as a whole.
    let ledger: FindingLedger
    /// The directory that file names are relative to.
    let directory: String
    private let names: ImageNames
    private let allowsOutside: Bool

    /// - Parameters:
    ///   - allowsOutside: whether file names may lead out of `directory`.
    ///   - more: what is known of the set besides what the source has found.
    init(_ source: any LabelSource, directory: String, allowsOutside: Bool = false, more: [LabelFinding] = []) {
        self.source = source
        self.directory = directory
        self.allowsOutside = allowsOutside
        names = ImageNames(directory: directory)
        images = source.images
        var ledger = (source as? any CountedSource)?.ledger ?? FindingLedger()
        for finding in (source is any CountedSource ? [] : source.findings) + more { ledger.add(finding) }
        self.ledger = ledger
    }

    /// Images that the set lists, those that could not be used included.
    var listedImages: Int { images.count + ledger.dropped(.image) }

    /// Where an image's file is to be found.
    func path(ofImage index: Int) -> ImagePath {
        ImagePath(images[index].fileName, in: directory, among: names, allowsOutside: allowsOutside)
    }
}
