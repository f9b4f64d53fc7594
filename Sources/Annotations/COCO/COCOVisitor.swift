package import Runtime

/// What a scan of a COCO file hands over, element by element, in the order of the file; `annotations` may come before
/// `images`. An error thrown by a method ends the scan and leaves it.
///
/// The methods are called on the thread that scans, one after the other, whatever the number of workers.
package protocol COCOVisitor {
    /// What takes annotations on other threads, where the visitor has such a thing.
    associatedtype Part: COCOAnnotationPart = NoAnnotationPart

    mutating func visit(_ image: COCOImage) throws
    mutating func visit(_ annotation: COCOAnnotation) throws
    mutating func visit(_ category: COCOCategory) throws
    /// An annotation of which only the place was asked for.
    mutating func visit(_ place: COCOAnnotationPlace) throws
    /// A top-level member other than the three lists: `info`, `licenses`, additions.
    mutating func visit(section: RawMember) throws
    /// Something is wrong with an element.
    ///
    /// - Parameter dropped: the list that the element is in, when it could not be handed over at all.
    mutating func report(_ finding: Finding, dropped: COCOSection?) throws

    /// An empty part; nil when annotations are to be visited one by one.
    ///
    /// A visitor with parts must come to the same whether annotations are visited or given in parts of any length.
    func emptyPart() -> Part?
    /// Takes some annotations that follow the ones before in the file, all in one part.
    ///
    /// - Parameter linesBefore: what the annotations' line numbers lack.
    mutating func take(_ part: Part, linesBefore: Int) throws
}

extension COCOVisitor {
    package mutating func visit(_ image: COCOImage) throws {}
    package mutating func visit(_ annotation: COCOAnnotation) throws {}
    package mutating func visit(_ category: COCOCategory) throws {}
    package mutating func visit(_ place: COCOAnnotationPlace) throws {}
    package mutating func visit(section: RawMember) throws {}
    package func emptyPart() -> Part? { nil }
    package mutating func take(_ part: Part, linesBefore: Int) throws {}
}
