/// How many steps a run has, and when they end.
package struct TrainingPlan: Sendable, Hashable {
    /// Images of an epoch.
    package let images: Int
    /// Images of an optimiser step; the last step of an epoch has what is left.
    package let imagesPerStep: Int

    /// - Parameters:
    ///   - images: at least 1.
    ///   - imagesPerStep: at least 1.
    package init(images: Int, imagesPerStep: Int) {
        precondition(images >= 1 && imagesPerStep >= 1, "\(images) images in steps of \(imagesPerStep)")
        self.images = images
        self.imagesPerStep = imagesPerStep
    }

    /// Optimiser steps of an epoch.
    package var stepsPerEpoch: Int { (images + imagesPerStep - 1) / imagesPerStep }

    /// Optimiser steps of a number of epochs.
    package func steps(epochs: Int) -> Int { stepsPerEpoch * epochs }

    /// Warm-up steps where none are configured: a twentieth of all, at most 250.
    package func defaultWarmup(epochs: Int) -> Int { min(250, steps(epochs: epochs) / 20) }

    /// How many epochs in all fit a limit of time.
    ///
    /// - Parameters:
    ///   - configured: epochs that are wanted.
    ///   - done: epochs that are done, at least 1.
    ///   - secondsPerEpoch: what an epoch takes, as measured.
    ///   - secondsLeft: time until the limit.
    /// - Returns: `done ... configured`.
    package static func epochs(
        configured: Int, done: Int, secondsPerEpoch: Double, secondsLeft: Double
    ) -> Int {
        guard secondsPerEpoch > 0 else { return configured }
        let affordable = (max(0, secondsLeft) / secondsPerEpoch).rounded(.down)
        return affordable >= Double(configured - done) ? configured : done + Int(affordable)
    }
}
