internal import Images

/// Says how images whose pixels stages have changed are written: the others keep their file's bytes.
package struct EncodeStage: ConfiguredStage {
    package static let name = "encode"
    package static let keys = ["format", "quality"]

    private enum Format: String, CaseIterable {
        case same
        case png
        case jpeg
    }

    private let encoding: ImageEncoding

    package init(_ encoding: ImageEncoding) { self.encoding = encoding }

    package init(_ settings: StageSettings) throws {
        let format: Format = try settings.choice("format") ?? .same
        encoding = ImageEncoding(
            format: format == .same ? nil : format == .png ? .png : .jpeg,
            quality: try settings.integer("quality", in: 1...100) ?? ImageEncoding().quality)
    }

    package var summary: String {
        switch encoding.format {
        case .png: "changed images as PNG"
        case .jpeg: "changed images as JPEG of quality \(encoding.quality)"
        default: "changed images in their own format, JPEG of quality \(encoding.quality)"
        }
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        var sample = sample
        sample.encoding = encoding
        return [sample]
    }
}
