internal import Annotations
internal import Runtime

/// Deals the images of a set out to the parts of a split.
struct SplitAssignment {
    private let rule: SplitRule
    private let images: [COCOImage]

    init(_ rule: SplitRule, images: [COCOImage]) {
        self.rule = rule
        self.images = images
    }

    /// For each image the number of its part.
    ///
    /// - Parameters:
    ///   - classes: for each image the numbers of the classes in it; used where the split is stratified.
    ///   - ledger: told of images without a group, and of names in the split file that no image has.
    func parts(classes: [[Int]], ledger: inout FindingLedger) throws -> [Int] {
        let keys = try groupKeys(ledger: &ledger)
        let given = try previous(ledger: &ledger)
        guard rule.method == .stratified else {
            // One image that is held where it is holds its group.
            var held: [String: Int] = [:]
            for index in given.keys.sorted() { held[keys[index]] = held[keys[index]] ?? given[index] }
            return images.indices.map { given[$0] ?? held[keys[$0]] ?? rule.part(drawing: keys[$0]) }
        }
        var groups: [String: Int] = [:]
        var units: [StratifiedSplit.Unit] = []
        var unitOfImage: [Int] = []
        for (index, key) in keys.enumerated() {
            let unit = groups[key] ?? units.count
            if unit == units.count {
                groups[key] = unit
                units.append(StratifiedSplit.Unit(draw: rule.draw(key)))
            }
            units[unit].images += 1
            for label in Set(classes[index]) { units[unit].labels[label, default: 0] += 1 }
            if let part = given[index] { units[unit].given = units[unit].given ?? part }
            unitOfImage.append(unit)
        }
        let parts = StratifiedSplit(shares: rule.parts.map(\.share)).parts(of: units)
        return images.indices.map { given[$0] ?? parts[unitOfImage[$0]] }
    }

    /// The images' groups; an image without one is its own.
    private func groupKeys(ledger: inout FindingLedger) throws -> [String] {
        try zip(images, rule.keys(of: images)).map { image, key in
            if let key { return key }
            ledger.note(
                Finding(
                    rule: ConversionRule.splitGroup, severity: .warning, location: image.location,
                    message: "\(image.fileName) has no group by \(rule.group.rawValue); it is a group of its own"))
            return image.fileName
        }
    }

    /// The parts that a split file gives to images.
    private func previous(ledger: inout FindingLedger) throws -> [Int: Int] {
        guard let path = rule.previousFile else { return [:] }
        let file = try SplitFile(path: path, parts: rule.parts)
        var given: [Int: Int] = [:]
        var met: Set<String> = []
        for (index, image) in images.enumerated() {
            let names = [image.fileName, image.id.description, FileSystem.lastComponent(image.fileName)]
            guard let name = names.first(where: { file.partOfName[$0] != nil }) else { continue }
            given[index] = file.partOfName[name]
            met.insert(name)
        }
        for name in file.partOfName.keys.filter({ !met.contains($0) }).sorted() {
            ledger.note(
                Finding(
                    rule: ConversionRule.splitFile, severity: .warning,
                    location: DataLocation(path: SplitFile.path(path), keyPath: name),
                    message: "no image is called \"\(name)\""))
        }
        return given
    }
}
