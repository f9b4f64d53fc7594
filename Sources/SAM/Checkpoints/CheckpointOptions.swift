/// How a model's checkpoint is to be read, beyond where it lies.
package struct CheckpointOptions: Sendable, Hashable {
    /// A file of low-rank updates that are added to the weights, or nil.
    package var adapter: String?
    /// Side of the input in pixels, where it is not to be the one that the model was trained with.
    package var imageSize: Int?
    /// How images are to be prepared, where the checkpoint does not say it: the weights of a MedSAM look like SAM's.
    package var preprocessing: PreprocessingRecipe?

    package init(adapter: String? = nil, imageSize: Int? = nil, preprocessing: PreprocessingRecipe? = nil) {
        self.adapter = adapter
        self.imageSize = imageSize
        self.preprocessing = preprocessing
    }
}
