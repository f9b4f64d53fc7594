internal import JSONText
internal import Masks
internal import Runtime
internal import SAM

/// Prompts for many images in one JSON file; `schemas/prompts.schema.json` describes it.
enum PromptFile {
    /// Bytes of the largest file that is read.
    private static let largest = 256 << 20

    /// The images that a file asks about, in its order.
    ///
    /// - Parameters:
    ///   - path: of the file; masks that it names are relative to its folder.
    ///   - images: the folder that the images' names are relative to.
    /// - Throws: `PredictError.prompts` that says where; `FileError`, `JSONError`.
    static func requests(_ path: String, images: String) throws -> [PredictionRequest] {
        let bytes = try FileSystem.read(path)
        guard bytes.count <= largest else {
            throw PredictError(.prompts, "the file has \(bytes.count) bytes; at most \(largest) are read", path: path)
        }
        let document = try bytes.withUnsafeBytes { try JSONDocument.parse($0, path: path) }
        let reader = Reader(path: path)
        try reader.checkKeys(document, known: ["images"], at: "the document")
        let folder = FileSystem.folder(of: path)
        let list = try reader.list(document["images"], "images")
        var requests: [PredictionRequest] = []
        var names: Set<String> = []
        for (index, image) in list.enumerated() {
            let place = "images[\(index)]"
            try reader.checkKeys(image, known: ["file_name", "objects"], at: place)
            guard let name = image["file_name"]?.string, !name.isEmpty else {
                throw reader.error("\(place).file_name must be the name of an image")
            }
            guard names.insert(name).inserted else {
                throw reader.error("\(place) names \(name) again; put its objects into one element")
            }
            let objects = try reader.list(image["objects"], "\(place).objects").enumerated().map { number, object in
                try reader.object(object, at: "\(place).objects[\(number)]", folder: folder)
            }
            requests.append(
                PredictionRequest(path: FileSystem.join(images, name), name: name, objects: objects))
        }
        return requests
    }

    /// Turns values into prompts, or says which of them cannot be one.
    private struct Reader {
        let path: String

        func error(_ message: String) -> PredictError { PredictError(.prompts, message, path: path) }

        func list(_ value: JSONValue?, _ place: String) throws(PredictError) -> [JSONValue] {
            guard let list = value?.array, !list.isEmpty else {
                throw error("\(place) must be an array with at least one element")
            }
            return list
        }

        func checkKeys(_ value: JSONValue, known: Set<String>, at place: String) throws(PredictError) {
            guard let members = value.object else { throw error("\(place) must be an object") }
            guard let other = members.first(where: { !known.contains($0.name) }) else { return }
            throw error("\(place) has the key \"\(other.name)\"; \(known.sorted().joined(separator: ", ")) are known")
        }

        func object(_ value: JSONValue, at place: String, folder: String) throws(PredictError)
            -> PredictionRequest.Object
        {
            try checkKeys(value, known: ["points", "box", "mask"], at: place)
            var result = PredictionRequest.Object()
            if let points = value["points"] {
                for (index, point) in try list(points, "\(place).points").enumerated() {
                    let numbers = try self.numbers(
                        point, 2...3, at: "\(place).points[\(index)]", as: "[x, y] or [x, y, 1|0]")
                    guard numbers.count == 2 || numbers[2] == 0 || numbers[2] == 1 else {
                        throw error("\(place).points[\(index)] has the label \(numbers[2]); 1 and 0 are labels")
                    }
                    result.points.append(
                        Prompt.Point(
                            x: numbers[0], y: numbers[1], isForeground: numbers.count == 2 || numbers[2] == 1))
                }
            }
            if let box = value["box"] {
                let numbers = try self.numbers(box, 4...4, at: "\(place).box", as: "[x0, y0, x1, y1]")
                result.box = Box(
                    x: numbers[0], y: numbers[1], width: numbers[2] - numbers[0], height: numbers[3] - numbers[1])
            }
            if let mask = value["mask"] {
                guard let name = mask.string else { throw error("\(place).mask must be the name of a file") }
                result.maskPath = name.hasPrefix("/") ? name : FileSystem.join(folder, name)
            }
            guard result.box != nil || result.maskPath != nil || result.points.contains(where: \.isForeground) else {
                throw error("\(place) does not say what to segment: a box, a mask or a point of the object is wanted")
            }
            return result
        }

        private func numbers(
            _ value: JSONValue, _ count: ClosedRange<Int>, at place: String, as form: String
        ) throws(PredictError) -> [Double] {
            let numbers = (value.array ?? []).compactMap(\.double)
            guard count.contains(numbers.count), numbers.count == value.array?.count, numbers.allSatisfy(\.isFinite)
            else {
                throw error("\(place) is \(value.text(pretty: false)); \(form) is wanted")
            }
            return numbers
        }
    }
}
