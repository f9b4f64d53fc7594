extension SAMConfiguration {
    /// Sets the side of the input to another than the model was trained with; tables of positions keep their stored sizes
    /// and are interpolated.
    ///
    /// - Throws: `SAMError.imageSize` for a side that the encoder's patches do not divide.
    package mutating func resizeInput(to imageSize: Int) throws(SAMError) {
        let possible = ViTConfiguration.imageSizes
        guard possible.contains(imageSize) else {
            throw SAMError(
                .imageSize,
                "an input of \(imageSize) pixels is not possible; \(possible.lowerBound) to \(possible.upperBound) are")
        }
        try encoder.resizeInput(to: imageSize)
        do throws(SAMError) {
            try validate()
        } catch {
            throw SAMError(.imageSize, "an input of \(imageSize) pixels is not possible: \(error.message)")
        }
    }
}
