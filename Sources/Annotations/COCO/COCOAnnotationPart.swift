/// What a visitor makes of some annotations of a file, on a thread of its own while other threads do the same with others.
///
/// The parts of a list are given back to the visitor in the order of the file, see ``COCOVisitor/take(_:linesBefore:)``.
package protocol COCOAnnotationPart: Sendable {
    /// Takes an annotation with which nothing is wrong. Its line is counted from 0 at the part's start.
    ///
    /// The arrays inside are used again for the next one: keeping them makes a copy.
    mutating func visit(_ annotation: COCOAnnotation)
}

/// The part of a visitor that wants to see every annotation itself.
package struct NoAnnotationPart: COCOAnnotationPart {
    package mutating func visit(_ annotation: COCOAnnotation) {}
}
