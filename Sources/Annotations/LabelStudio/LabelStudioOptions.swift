/// How Label Studio exports are read and written.
package struct LabelStudioOptions: Sendable, Hashable {
    /// Put in front of an image's name: how Label Studio finds the files of a local storage.
    package var imagePrefix = "/data/local-files/?d=images/"
    /// Read the predictions of tasks without annotations.
    package var readsPredictions = false

    package init() {}
}
