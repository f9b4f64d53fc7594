internal import Annotations
package import ArgumentParser
package import Metrics
private import Runtime

/// The options of `samdata evaluate` that say how predictions are compared with the truth.
package struct PredictionArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Format of the truth, as of convert (default: by the files).", valueName: "format"))
    package var format: LabelFormatArgument?

    @Option(
        help: ArgumentHelp(
            "Format of predictions that are labels, as those of a second annotator (default: by the files; of COCO's a results file).",
            valueName: "format"))
    package var predictionFormat: LabelFormatArgument?

    @Option(
        help: ArgumentHelp(
            "Directory of the images, which only labels without sizes need (default: as of convert).",
            valueName: "dir"))
    package var images: String?

    @Option(
        help: ArgumentHelp(
            "What is compared: bbox, segm or boundary (default: segm where the first result has a mask, else bbox).",
            valueName: "bbox|segm|boundary"))
    package var iou: OverlapKind?

    @Flag(help: "LVIS's rules: federated, rare, common and frequent classes, the best 300 detections of an image.")
    package var lvis = false

    @Flag(help: "Both files are COCO panoptic JSON beside folders of PNGs: panoptic quality.")
    package var panoptic = false

    @Option(
        name: .customLong("truth-pngs"),
        help: ArgumentHelp("Folder of the truth's PNGs (default: its file without .json).", valueName: "dir"))
    package var truthPNGs: String?

    @Option(
        name: .customLong("prediction-pngs"),
        help: ArgumentHelp("Folder of the predictions' PNGs (default: their file without .json).", valueName: "dir"))
    package var predictionPNGs: String?

    @Option(
        help: ArgumentHelp(
            "Detections that count, best first, in an image and class (default: 1,10,100; 300 with --lvis).",
            valueName: "n,…"))
    package var maxDets: String?

    @Option(help: ArgumentHelp("Only these classes, by name or id.", valueName: "class,…"))
    package var classes: String?

    @Flag(help: "All classes are one.")
    package var classAgnostic = false

    @Flag(help: "Show a table of the classes, too.")
    package var perClass = false

    @Flag(help: "Compare the masks of objects that were found: IoU, Dice, boundary IoU, HD95, surface distance.")
    package var quality = false

    @Option(
        help: ArgumentHelp(
            "Distance up to which edges agree, for the normalised surface distance (default: 2 pixels).",
            valueName: "distance"))
    package var tolerance: Double?

    @Option(
        help: ArgumentHelp(
            "Height and width of a pixel, such as 0.5,0.5 for millimetres; distances are then in that unit.",
            valueName: "row,column"))
    package var spacing: String?

    @Option(help: ArgumentHelp("Resamples of the bootstrap for intervals (default: 2000).", valueName: "n"))
    package var resamples: Int?

    @Flag(help: "Exit with 65 if anything was dropped, or is an error.")
    package var strict = false

    package init() {}

    package func validate() throws {
        if panoptic {
            let others = [
                ("--iou", iou != nil), ("--lvis", lvis), ("--max-dets", maxDets != nil), ("--classes", classes != nil),
                ("--class-agnostic", classAgnostic), ("--quality", quality), ("--format", format != nil),
                ("--prediction-format", predictionFormat != nil), ("--images", images != nil),
            ]
            if let other = others.first(where: \.1) { throw ValidationError("\(other.0) does not go with --panoptic.") }
        } else if truthPNGs != nil || predictionPNGs != nil {
            throw ValidationError("--truth-pngs and --prediction-pngs need --panoptic.")
        }
        if lvis && classAgnostic { throw ValidationError("--lvis and --class-agnostic exclude each other.") }
        if quality && iou == .bbox { throw ValidationError("--quality compares masks; --iou bbox compares boxes.") }
        if !quality && (tolerance != nil || spacing != nil || resamples != nil) {
            throw ValidationError("--tolerance, --spacing and --resamples need --quality.")
        }
        if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
            throw ValidationError("--tolerance must be 0 or more, not \(tolerance).")
        }
        if let resamples, !(1...1_000_000).contains(resamples) {
            throw ValidationError("--resamples must be from 1 to 1000000, not \(resamples).")
        }
        _ = try limits()
        _ = try pixelSpacing()
    }

    /// The first option that was given, for a message.
    var firstGiven: String? {
        let given = [
            ("--iou", iou != nil), ("--lvis", lvis), ("--panoptic", panoptic), ("--max-dets", maxDets != nil),
            ("--classes", classes != nil), ("--class-agnostic", classAgnostic), ("--per-class", perClass),
            ("--quality", quality), ("--strict", strict), ("--format", format != nil),
            ("--prediction-format", predictionFormat != nil), ("--images", images != nil),
        ]
        return given.first(where: \.1)?.0
    }

    /// The format of the truth at a path; what looks like none is read as COCO's, whose reader says what is wrong.
    ///
    /// - Throws: `FileError`.
    func truthFormat(of path: String) throws -> LabelFormat {
        if let format, !format.isAutomatic { return try format.resolved(path) }
        return try LabelFormat.detect(path) ?? .coco
    }

    /// The format of predictions that are labels; nil for a results file.
    ///
    /// - Throws: `FileError`.
    func predictionFormat(of path: String) throws -> LabelFormat? {
        if let predictionFormat, !predictionFormat.isAutomatic { return try predictionFormat.resolved(path) }
        let found = try LabelFormat.detect(path)
        let isResults = found == nil || (found == .coco || found == .lvis) && !FileSystem.isDirectory(path)
        return isResults ? nil : found
    }

    /// The numbers of detections that count, ascending.
    func limits() throws -> [Int]? {
        guard let maxDets else { return nil }
        let numbers = maxDets.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard !numbers.isEmpty, numbers.count <= 16, numbers.allSatisfy({ (1...1_000_000).contains($0) }),
            Set(numbers).count == numbers.count, !lvis || numbers.count == 1
        else {
            throw ValidationError(
                lvis
                    ? "--max-dets wants one number from 1 with --lvis, not \(maxDets)."
                    : "--max-dets wants different numbers from 1, as in 1,10,100, not \(maxDets).")
        }
        return numbers.sorted()
    }

    /// Height and width of a pixel; nil for distances in pixels.
    func pixelSpacing() throws -> SurfaceDistances.Spacing? {
        guard let spacing else { return nil }
        let sides = spacing.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? 0 }
        guard sides.count == 2, sides.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw ValidationError("--spacing wants the height and width of a pixel, as in 0.5,0.5, not \(spacing).")
        }
        return SurfaceDistances.Spacing(row: sides[0], column: sides[1])
    }

    /// What the options ask for.
    ///
    /// - Parameter hasMasks: the first result has one.
    func options(hasMasks: Bool, seed: UInt64) throws -> PredictionOptions {
        var options = PredictionOptions()
        options.overlap = iou ?? (hasMasks || quality ? .segm : .bbox)
        let limits = try limits()
        options.rules =
            lvis
            ? .lvis(maximumDetections: limits?.first ?? 300) : .coco(maximumDetections: limits ?? [1, 10, 100])
        options.rules.isClassAgnostic = classAgnostic
        if quality {
            var pairs = PairScores.Options()
            pairs.spacing = try pixelSpacing() ?? .pixels
            pairs.tolerance = tolerance ?? pairs.tolerance
            options.pairs = pairs
        }
        options.bootstrap = ClusterBootstrap(resamples: resamples ?? 2000, seed: seed)
        return options
    }
}

extension OverlapKind: ExpressibleByArgument {}
