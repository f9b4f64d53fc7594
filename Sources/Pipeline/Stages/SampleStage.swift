package import Annotations
package import Runtime

/// A stage of a chain: samples in, samples out.
///
/// A stage of one's own is one type that conforms: `name`, and `process`, which returns the sample as it is to go on, none
/// to leave it out, or several. Whatever it leaves out goes into the ledger with a rule of its own
/// (``FindingLedger/reject(_:_:at:_:)``), so that it is counted and listed. To be named in YAML files it conforms to
/// ``ConfiguredStage`` as well.
package protocol SampleStage: Stage where Input == StagedSample, Output == [StagedSample] {
    /// What chains and reports call it, such as `filter`.
    var name: String { get }
    /// Its settings in words, for plans.
    var summary: String { get }
    /// Whether masks, boxes and pixels stay in the frame of the source's image.
    var keepsFrame: Bool { get }
    /// Whether keypoints and points that objects state go along where it leaves that frame (``LabelledObject/places``); those of
    /// other stages are left out, and that is said.
    var movesPlaces: Bool { get }
    /// Whether it has to see masks and pixels in the frame of the source's image.
    var needsSourceFrame: Bool { get }
    /// Whether it knows samples and objects by the ids of the source.
    var needsSourceIDs: Bool { get }
    /// Whether it changes nothing but in parts of a split that are trained on.
    var needsTrainedParts: Bool { get }
    /// Whether one sample may become several, so that ids have to be made anew.
    var multiplies: Bool { get }
    /// Whether it treats the parts of a split differently, so that they have to be known before it is prepared.
    var usesParts: Bool { get }
    /// Files besides the labels that decide on what comes out.
    var inputs: [String] { get }
    /// What was found wrong, with the set as a whole, while the stage was made ready.
    var findings: [Finding] { get }

    /// The classes behind the stage.
    ///
    /// - Throws: `PipelineError.stage` when its settings do not fit them.
    func categories(after categories: [COCOCategory]) throws -> [COCOCategory]

    /// The stage ready to work. One that has to know all samples before it decides on the first looks at them here.
    ///
    /// - Parameters:
    ///   - survey: the samples as they come in.
    ///   - categories: the classes that come in.
    func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage
}

extension SampleStage {
    package var summary: String { "" }
    package var keepsFrame: Bool { true }
    package var movesPlaces: Bool { false }
    package var needsSourceFrame: Bool { false }
    package var needsSourceIDs: Bool { false }
    package var needsTrainedParts: Bool { false }
    package var multiplies: Bool { false }
    package var usesParts: Bool { false }
    package var inputs: [String] { [] }
    package var findings: [Finding] { [] }
    package func categories(after categories: [COCOCategory]) throws -> [COCOCategory] { categories }
    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage { self }
}
