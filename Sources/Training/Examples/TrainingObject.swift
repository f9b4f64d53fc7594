package import SAM

/// One object to learn: what is asked, and the answer.
package struct TrainingObject: Sendable {
    /// In pixels of the varied image.
    package let prompt: Prompt
    /// The share of each low-resolution mask pixel that the object covers.
    package let target: MaskCoverage

    package init(prompt: Prompt, target: MaskCoverage) {
        self.prompt = prompt
        self.target = target
    }
}
