internal import Runtime

/// What is wrong with a set as a whole, while it is opened.
struct SetFindings {
    private(set) var list: [LabelFinding] = []

    /// Notes what left the set as it is.
    mutating func note(
        _ rule: String, _ severity: Severity, path: String, line: Int? = nil, byte: Int? = nil, keyPath: String? = nil,
        _ message: String
    ) {
        list.append(
            LabelFinding(
                Finding(
                    rule: rule, severity: severity,
                    location: DataLocation(path: path, byteOffset: byte, line: line, keyPath: keyPath),
                    message: message)))
    }

    /// Notes an element that is left out.
    ///
    /// - Parameter id: what identifies it: a name, a number, its place.
    mutating func drop(
        _ section: COCOSection, _ rule: String, path: String, line: Int? = nil, byte: Int? = nil, id: String,
        _ message: String
    ) {
        var location = DataLocation(path: path, byteOffset: byte, line: line)
        switch section {
        case .images: location.imageID = id
        case .annotations: location.annotationID = id
        case .categories: location.keyPath = id
        }
        list.append(
            LabelFinding(
                Finding(
                    rule: rule, severity: .error, location: location,
                    message: message + "; the \(section.elementName) is dropped"), dropped: section))
    }

    /// Notes that a part of a file is lost.
    mutating func lose(_ rule: String, path: String, _ message: String) {
        list.append(
            LabelFinding(
                Finding(
                    rule: rule, severity: .error, location: DataLocation(path: path, keyPath: path), message: message),
                isPartLost: true))
    }

    mutating func add(_ findings: [LabelFinding]) { list += findings }
}

/// The message of an error without its place, which the finding states.
func failureReason(_ error: any Error) -> String { (error as? any OperationError)?.message ?? "\(error)" }
