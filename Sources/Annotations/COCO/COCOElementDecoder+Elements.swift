internal import JSONText
internal import Masks
internal import Runtime

extension COCOElementDecoder {
    static let imageKeys = JSONKeyTable(["id", "file_name", "width", "height"])
    private static let categoryKeys = JSONKeyTable(["id", "name", "supercategory"])
    static let annotationKeys = JSONKeyTable([
        "id", "image_id", "category_id", "segmentation", "area", "bbox", "iscrowd",
    ])

    /// The image at the cursor; nil when it cannot be used, with findings that say why.
    mutating func image() throws(JSONError) -> COCOImage? {
        let origin = try origin()
        if let image = regularImage(origin) { return image }
        var image = COCOImage(id: 0, fileName: "", width: nil, height: nil, origin: origin)
        var id: COCOIdentifier?
        var hasFileName = false
        let extra = try members(Self.imageKeys) { (decoder, index, key) throws(JSONError) in
            switch index {
            case 0: return decoder.assign(try decoder.identifier(key), to: &id)
            case 1:
                guard let name = try decoder.text(key) else { return false }
                image.fileName = name
                hasFileName = true
                return true
            case 2: return decoder.assign(try decoder.pixels(key), to: &image.width)
            default: return decoder.assign(try decoder.pixels(key), to: &image.height)
            }
        }
        guard let extra else { return nil }
        image.extra = extra
        defer { identify(imageID: id) }
        if !hasFileName { deriveFileName(of: &image, origin: origin) }
        guard let id else { return missing("id", origin, wrong: extra["id"] != nil) }
        image.id = id
        return image
    }

    /// The category at the cursor; nil when it cannot be used, with findings that say why.
    mutating func category() throws(JSONError) -> COCOCategory? {
        let origin = try origin()
        var category = COCOCategory(id: 0, name: "", origin: origin)
        var id: COCOIdentifier?
        var name: String?
        let extra = try members(Self.categoryKeys) { (decoder, index, key) throws(JSONError) in
            switch index {
            case 0: return decoder.assign(try decoder.identifier(key), to: &id)
            case 1: return decoder.assign(try decoder.text(key), to: &name)
            default: return decoder.assign(try decoder.text(key), to: &category.supercategory)
            }
        }
        guard let extra else { return nil }
        category.extra = extra
        guard let id else { return missing("id", origin, wrong: extra["id"] != nil) }
        category.id = id
        if let name {
            category.name = name
        } else if extra["name"] == nil {
            note(COCORule.missingKey, .warning, at: offset(of: origin), key: "name", "category \(id) has no \"name\"")
        }
        return category
    }

    /// Reads the annotation at the cursor; false when it cannot be used, with findings that say why.
    ///
    /// - Parameter annotation: one of the same file, which is overwritten: see ``blankAnnotation``.
    mutating func readAnnotation(into annotation: inout COCOAnnotation) throws(JSONError) -> Bool {
        _ = try parser.peekKind()
        if regularAnnotation(into: &annotation, at: parser.position(at: parser.offset)) { return true }
        guard let other = try self.annotation() else { return false }
        annotation = other
        return true
    }

    /// An annotation of the file with nothing in it.
    var blankAnnotation: COCOAnnotation {
        COCOAnnotation(
            id: 0, imageID: 0, categoryID: 0, segmentation: nil, bbox: nil, area: nil, crowdFlag: nil,
            origin: DataOrigin(path: path))
    }

    /// The annotation at the cursor, read member by member; nil when it cannot be used, with findings that say why.
    mutating func annotation() throws(JSONError) -> COCOAnnotation? {
        let origin = try origin()
        var id: COCOIdentifier?
        var imageID: COCOIdentifier?
        var categoryID: COCOIdentifier?
        var annotation = COCOAnnotation(
            id: 0, imageID: 0, categoryID: 0, segmentation: nil, bbox: nil, area: nil, crowdFlag: nil, origin: origin)
        let extra = try members(Self.annotationKeys) { (decoder, index, key) throws(JSONError) in
            switch index {
            case 0: return decoder.assign(try decoder.identifier(key), to: &id)
            case 1: return decoder.assign(try decoder.identifier(key), to: &imageID)
            case 2: return decoder.assign(try decoder.identifier(key), to: &categoryID)
            case 3: return try decoder.segmentation(key, of: &annotation)
            case 4: return try decoder.area(key, of: &annotation)
            case 5: return try decoder.box(key, of: &annotation)
            default: return decoder.assign(try decoder.flag(key), to: &annotation.crowdFlag)
            }
        }
        guard let extra else { return nil }
        annotation.extra = extra
        defer { identify(imageID: imageID, annotationID: id) }
        guard let id else { return missing("id", origin, wrong: extra["id"] != nil) }
        guard let imageID else { return missing("image_id", origin, wrong: extra["image_id"] != nil) }
        guard let categoryID else { return missing("category_id", origin, wrong: extra["category_id"] != nil) }
        annotation.id = id
        annotation.imageID = imageID
        annotation.categoryID = categoryID
        return annotation
    }

    /// The place of the annotation at the cursor, which is passed; nil when it lacks what that takes, with findings that say
    /// why. All other findings are made when the annotation is read.
    mutating func annotationPlace() throws(JSONError) -> COCOAnnotationPlace? {
        let start = findingCount
        let origin = try origin()
        if let place = regularPlace(origin) { return place }
        var id: COCOIdentifier?
        var imageID: COCOIdentifier?
        let extra = try members(Self.annotationKeys) { (decoder, index, key) throws(JSONError) in
            switch index {
            case 0: return decoder.assign(try decoder.identifier(key), to: &id)
            case 1: return decoder.assign(try decoder.identifier(key), to: &imageID)
            default:
                _ = try decoder.parser.passValue()
                return true
            }
        }
        _ = parser.takeNonFinite()
        guard let extra else { return nil }
        defer { identify(imageID: imageID, annotationID: id) }
        guard let id else { return missing("id", origin, wrong: extra["id"] != nil) }
        guard let imageID else { return missing("image_id", origin, wrong: extra["image_id"] != nil) }
        forgetFindings(after: start)
        return COCOAnnotationPlace(id: id, imageID: imageID, offset: offset(of: origin))
    }

    // MARK: Parts

    /// Walks over an element's members.
    ///
    /// - Parameters:
    ///   - table: the keys that `read` knows.
    ///   - read: reads the value of the key at an index of the table; false when the value could not be understood, the
    ///     cursor then still before it.
    /// - Returns: the other members, and those not understood; nil when the element is no object.
    mutating func members(
        _ table: JSONKeyTable, _ read: (inout COCOElementDecoder, Int, String) throws(JSONError) -> Bool
    ) throws(JSONError) -> [RawMember]? {
        let kind = try parser.peekKind()
        guard kind == .object else {
            note(
                COCORule.wrongType, .error, at: parser.offset,
                "\(kind.withArticle) where an object is due; \(isDropped)")
            try parser.skipValue()
            return nil
        }
        try parser.beginObject()
        var extra = ExtraMembers()
        var unread: [(index: Int, member: RawMember)] = []
        var seen: UInt32 = 0
        var understood: UInt32 = 0
        while let token = try parser.nextKey() {
            guard let index = table.index(of: token, in: &parser) else {
                try keep(key(token), at: token.range.lowerBound, in: &extra)
                continue
            }
            let name = table.names[index]
            if seen & 1 << index != 0 { noteDuplicate(name, at: token.range.lowerBound) }
            seen |= 1 << index
            let mark = parser.mark
            if try read(&self, index, name) {
                understood |= 1 << index
            } else {
                parser.rewind(to: mark)
                unread.append((index, try rawMember(key(token), isNoted: true)))
            }
        }
        if parser.takeLoneSurrogate() {
            note(
                COCORule.loneSurrogate, .warning, at: parser.offset - 1,
                "a text holds half of a surrogate pair, read as U+FFFD")
        }
        guard !unread.isEmpty else { return extra.members }
        // The last value of a key that never had a usable one.
        let kept = table.names.indices.filter { understood & 1 << $0 == 0 }.compactMap { index in
            unread.last { $0.index == index }?.member
        }
        return extra.members + kept
    }

    private mutating func keep(_ key: Key, at offset: Int, in extra: inout ExtraMembers) throws(JSONError) {
        let member = try rawMember(key)
        if !extra.add(member) { noteDuplicate(key.name, at: offset) }
    }

    private mutating func noteDuplicate(_ name: String, at offset: Int) {
        note(
            COCORule.duplicateKey, .error, at: offset, key: name,
            "the key \"\(name)\" stands twice; the last usable value counts")
    }

    func assign<Value>(_ value: Value?, to target: inout Value?) -> Bool {
        guard let value else { return false }
        target = value
        return true
    }

    /// Notes that the element goes for want of a key. Where the key is there with a wrong value, that was noted already.
    mutating func missing<Element>(_ key: String, _ origin: DataOrigin, wrong: Bool) -> Element? {
        if wrong {
            noteIsDropped(for: key)
        } else {
            note(
                COCORule.missingKey, .error, at: offset(of: origin), key: key, "there is no \"\(key)\"; \(isDropped)")
        }
        return nil
    }

    func offset(of origin: DataOrigin) -> Int { origin.position?.byteOffset ?? 0 }

    /// LVIS has no `file_name`; its images lie at the last two parts of `coco_url`, such as `val2017/000000000139.jpg`.
    private mutating func deriveFileName(of image: inout COCOImage, origin: DataOrigin) {
        image.isFileNameDerived = true
        if let url = (try? image.extra["coco_url"]?.parsed())?.string {
            image.fileName = url.split(separator: "/").suffix(2).joined(separator: "/")
        }
        if image.fileName.isEmpty, image.extra["file_name"] == nil {
            note(
                COCORule.missingKey, .error, at: offset(of: origin), key: "file_name",
                "neither \"file_name\" nor \"coco_url\" says which file the image is")
        }
    }
}
