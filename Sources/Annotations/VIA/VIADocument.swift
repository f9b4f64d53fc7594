internal import JSONText
internal import Runtime

/// A VIA file of version 1, 2 or 3: the places of its images and regions.
struct VIADocument: Sendable {
    /// An image: the place of its entry, or of its regions in version 3.
    struct Entry: Sendable {
        let fileName: String
        fileprivate var entry: Range<Int>?
        fileprivate var regions: [Range<Int>] = []
    }

    private(set) var entries: [Entry] = []
    private(set) var findings = SetFindings()
    private let list: JSONList
    private var attributes: [String: (name: String, options: [String: String])] = [:]

    private static let thirdParts: Set<String> = ["file", "view", "metadata", "attribute"]

    /// - Throws: `FileError`, `AnnotationError`.
    init(path: String) throws {
        list = try JSONList(path: path)
        let list = list
        var found = SetFindings()
        var images: [Entry] = []
        var thirds: [String: [(key: String, place: Range<Int>)]] = [:]
        func add(_ place: Range<Int>) {
            guard let tree = try? list.element(at: place) else {
                found.drop(
                    .images, LabelRule.unreadable, path: path, byte: place.lowerBound,
                    id: "byte \(place.lowerBound)", "the entry is no JSON that can be read")
                return
            }
            guard let name = tree["filename"]?.string, !name.isEmpty else { return }
            images.append(Entry(fileName: name, entry: place))
        }
        try list.scan(lists: Self.thirdParts.union(["_via_img_metadata"])) { name, key, place in
            switch name {
            case "_via_img_metadata": add(place)
            case _ where Self.thirdParts.contains(name): thirds[name, default: []].append((key, place))
            case _ where name.hasPrefix("_via") || ["project", "config"].contains(name): break
            default: add(place)
            }
        }
        if images.isEmpty { images = try third(thirds, &found) }
        entries = images
        findings = found
        guard !entries.isEmpty || !found.list.isEmpty else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "has no images of the VGG Image Annotator")
        }
    }

    private mutating func third(
        _ parts: [String: [(key: String, place: Range<Int>)]], _ found: inout SetFindings
    ) throws -> [Entry] {
        for (key, place) in parts["attribute"] ?? [] {
            guard let tree = try? list.element(at: place) else { continue }
            let options = (tree["options"]?.object ?? []).map { ($0.name, $0.value.string ?? "") }
            attributes[key] = (
                tree["aname"]?.string ?? key, Dictionary(options, uniquingKeysWith: { first, _ in first })
            )
        }
        var names: [String: String] = [:]
        for (key, place) in parts["file"] ?? [] {
            if let tree = try? list.element(at: place) { names[key] = tree["fname"]?.string }
        }
        var images: [Entry] = []
        var views: [String: Int] = [:]
        for (key, place) in parts["view"] ?? [] {
            guard let tree = try? list.element(at: place), let file = tree["fid_list"]?.array?.first,
                let name = names[file.string ?? file.text()]
            else { continue }
            views[key] = images.count
            images.append(Entry(fileName: name))
        }
        for (_, place) in parts["metadata"] ?? [] {
            guard let tree = try? list.element(at: place), let view = tree["vid"],
                let index = views[view.string ?? view.text()]
            else {
                found.drop(
                    .annotations, LabelRule.imageMissing, path: list.path, byte: place.lowerBound,
                    id: "byte \(place.lowerBound)", "the region is of a view that is not in the file")
                continue
            }
            images[index].regions.append(place)
        }
        return images
    }

    var path: String { list.path }

    /// What is said of an image as a whole; nothing in version 3.
    func attributes(of entry: Entry) -> [RawMember] {
        guard let place = entry.entry, let tree = try? list.element(at: place) else { return [] }
        return tree["file_attributes"]?.members(except: []) ?? []
    }

    /// The regions of an image, in the file's order.
    func regions(of entry: Entry) -> [VIARegion] {
        if let place = entry.entry { return (try? list.element(at: place)).map { VIARegion.all(in: $0) } ?? [] }
        return entry.regions.compactMap { place in
            (try? list.element(at: place)).map { VIARegion(third: $0, names: attributes) }
        }
    }
}
