internal import ArgumentParser

/// How masks are written.
package enum SegmentFormat: String, CaseIterable, Sendable, ExpressibleByArgument {
    /// One COCO file for all images.
    case coco
    /// A folder with one file an image, as the SA-1B data set has them.
    case sa1b
}
