/// Makes shards of a COCO file and its images: ``Conversion`` with the source at hand.
package struct COCOConversion {
    private let conversion: Conversion

    package init(_ options: ConversionOptions) {
        let keepsImageMembers = options.split?.needsExtra ?? false
        conversion = Conversion(options) { try COCOSource(path: options.input, keepsImageMembers: keepsImageMembers) }
    }

    /// - Parameter progress: told the images done and their number, on this thread.
    /// - Throws: as ``Conversion/run(forecast:progress:)``.
    package func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> ConversionSummary {
        try conversion.run(progress: progress)
    }
}
