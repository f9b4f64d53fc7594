package import Masks
package import SAM

/// One object to learn: what is asked first, and the answer.
package struct TrainingObject: Sendable {
    /// In pixels of the varied image.
    package let prompt: Prompt
    /// The share of each low-resolution mask pixel that the object covers.
    package let target: MaskCoverage
    /// The mask at the size of the varied image.
    package let label: RLE
    /// Seed of what is drawn for the object later: clicks, and places at which masks are compared.
    package let stream: UInt64

    package init(prompt: Prompt, target: MaskCoverage, label: RLE, stream: UInt64 = 0) {
        self.prompt = prompt
        self.target = target
        self.label = label
        self.stream = stream
    }
}
