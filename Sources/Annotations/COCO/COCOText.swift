internal import JSONText
private import Runtime

/// The text of a COCO file that is being scanned, and how.
///
/// `@unchecked Sendable`: the bytes are never written, and stay valid until the scan returns.
struct COCOText: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer
    let path: String?
    /// Whether of annotations no more than their place is wanted.
    let passesAnnotations: Bool
    /// Bytes of a long list that a worker reads at a time.
    let pieceSize: Int
    /// Whether no element is read by the quick ways of ``COCORegularElements``.
    var readsMemberByMember = false

    /// A decoder at the start of the text, with a copy of the path that no other thread counts references to.
    func decoder() -> COCOElementDecoder {
        let ownPath = path.map { String(decoding: Array($0.utf8), as: UTF8.self) }
        var decoder = COCOElementDecoder(bytes, path: ownPath)
        decoder.passesAnnotations = passesAnnotations
        if !readsMemberByMember { decoder.regular = COCORegularElements() }
        return decoder
    }

    /// The pieces of a list, where it is worth while to read them in parallel.
    ///
    /// - Parameter start: where the list's first element starts.
    func pieces(of list: COCOSection, from start: Int) -> COCOPieces? {
        guard Workers.count > 1, bytes.count - start >= 4 * pieceSize else { return nil }
        return COCOPieces(of: list, in: bytes, from: start, size: pieceSize)
    }
}
