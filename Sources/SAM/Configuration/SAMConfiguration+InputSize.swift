extension SAMConfiguration {
    /// Sets the side of the input to another than the model was trained with; tables of positions keep their stored sizes
    /// and are interpolated.
    ///
    /// - Throws: `SAMError.configuration` for a side that the encoder's patches do not divide.
    package mutating func resizeInput(to imageSize: Int) throws(SAMError) {
        guard (1...16_384).contains(imageSize) else {
            throw SAMError(.configuration, "an input of \(imageSize) pixels is not possible; 1 to 16384 are")
        }
        try encoder.resizeInput(to: imageSize)
        try validate()
    }
}
