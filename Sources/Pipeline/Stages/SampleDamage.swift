internal import Images
internal import Runtime

/// Bad data that came to light while a sample was worked on: a reason to drop the image, not to end the run.
struct SampleDamage {
    let rule: String
    let message: String

    /// Nil when the error is not the data's fault.
    init?(_ error: any Error) {
        guard let error = error as? any OperationError, error.kind == .badInput else { return nil }
        rule = (error as? ImageError)?.rule ?? error.codeName
        message = error.message
    }
}
