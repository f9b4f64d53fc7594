package import Annotations
package import ArgumentParser
internal import Runtime

/// Settings of single formats, each of which looks at its own.
package struct FormatOptions: ParsableArguments {
    @Option(help: "coco: masks as polygons where they are exact, as run lengths, or as polygons always.")
    package var maskForm: COCOSetOptions.MaskForm?

    @Option(
        help: "yolo: objects of several parts as one outline with bridges, as several objects, or the largest part.")
    package var multipart: YOLOOptions.Multipart?

    @Option(help: ArgumentHelp("yolo and mask-folder: names of the classes in their order.", valueName: "list"))
    package var classNames: String?

    @Option(help: "mask-folder: what the files are.")
    package var maskKind: MaskFolderOptions.Kind?

    @Flag(help: "mask-folder: write TIFF instead of PNG.")
    package var tiff = false

    @Option(
        help: ArgumentHelp("coco-panoptic: categories that are stuff, names separated by commas.", valueName: "list"))
    package var stuff: String?

    @Option(help: ArgumentHelp("coco, voc and datumaro: the set or subset to read.", valueName: "name"))
    package var subset: String?

    @Flag(help: "sa-1b: write a folder instead of tar files.")
    package var untarred = false

    @Option(help: ArgumentHelp("via: the attribute that holds the class.", valueName: "name"))
    package var classAttribute: String?

    @Option(help: "via: the version of the project that is written, 2 or 3 (default: 2).")
    package var viaVersion: VIAOptions.Version?

    @Flag(help: "Write labels only; formats that hold the images inside have them in any case.")
    package var labelsOnly = false

    package init() {}

    /// - Parameter images: the directory that the user names.
    func readOptions(images: String?) -> LabelReadOptions {
        var options = LabelReadOptions()
        options.images = images
        let names = classNames.map(\.commaSeparated)
        options.yolo.classNames = names
        options.masks.classNames = names
        if let maskKind { options.masks.kind = maskKind }
        options.subset = subset
        options.voc.imageSet = subset
        options.datumaro.subset = subset
        options.via.classAttribute = classAttribute
        return options
    }

    var writeOptions: LabelWriteOptions {
        var options = LabelWriteOptions()
        options.copiesImages = !labelsOnly
        if let maskForm { options.coco.maskForm = maskForm }
        if let multipart { options.yolo.multipart = multipart }
        if let maskKind { options.masks.kind = maskKind }
        options.masks.writesTIFF = tiff
        if let stuff { options.panoptic.stuff = Set(stuff.commaSeparated) }
        options.segmentAnything.isTar = !untarred
        options.via.classAttribute = classAttribute
        if let viaVersion { options.via.version = viaVersion }
        return options
    }

    /// - Throws: `ValidationError` for an option that neither the input's format nor the target's looks at.
    ///
    /// - Parameter path: of the input.
    func check(input: LabelFormat, target: LabelFormat, path: String) throws {
        func needs(_ option: String, _ isSet: Bool, _ formats: String, _ isOf: Bool) throws {
            if isSet && !isOf {
                throw ValidationError(
                    "\(option) is for \(formats); of \(LabelFormatArgument.name(input)) to \(LabelFormatArgument.name(target)) it would do nothing."
                )
            }
        }
        let inside: Set<LabelFormat> = [.shards, .tensorFlow, .segmentAnything]
        let isYOLO = input == .yolo || input == .yoloBoxes
        try needs("--mask-form", maskForm != nil, "--to coco or lvis", target == .coco || target == .lvis)
        try needs("--multipart", multipart != nil, "--to yolo", target == .yolo)
        try needs("--class-names", classNames != nil, "yolo and mask-folder as input", isYOLO || input == .masks)
        try needs("--mask-kind", maskKind != nil, "mask-folder", input == .masks || target == .masks)
        try needs("--tiff", tiff, "--to mask-folder", target == .masks)
        try needs("--stuff", stuff != nil, "--to coco-panoptic", target == .panoptic)
        let hasSubsets: Set<LabelFormat> = [.coco, .lvis, .panoptic, .voc, .datumaro]
        try needs("--subset", subset != nil, "coco, voc and datumaro as input", hasSubsets.contains(input))
        if subset != nil, input != .voc, FileSystem.exists(path), !FileSystem.isDirectory(path) {
            throw ValidationError("--subset chooses among the files of a folder; \(path) is a file.")
        }
        for (option, list) in [("--class-names", classNames), ("--stuff", stuff)] where list?.commaSeparated == [] {
            throw ValidationError("\(option) names nothing.")
        }
        try needs("--untarred", untarred, "--to sa-1b", target == .segmentAnything)
        try needs("--class-attribute", classAttribute != nil, "via", input == .via || target == .via)
        try needs("--labels-only", labelsOnly, "targets that do not hold the images inside", !inside.contains(target))
    }

    /// - Parameter categories: those that are written.
    /// - Throws: `ValidationError` for a name of `--stuff` that none of them has.
    func checkStuff(_ categories: [COCOCategory]) throws {
        let names = categories.map(\.name)
        for name in stuff?.commaSeparated ?? [] where !names.contains(name) {
            throw ValidationError(
                "--stuff: no category is called \(name)." + NameSuggestion.sentence(for: name, among: names))
        }
    }

    /// The options as the command line has them.
    var arguments: [String] {
        var words: [String] = []
        for (option, value) in [
            ("--mask-form", maskForm?.rawValue), ("--multipart", multipart?.rawValue),
            ("--class-names", classNames), ("--mask-kind", maskKind?.rawValue), ("--stuff", stuff),
            ("--subset", subset), ("--class-attribute", classAttribute),
            ("--via-version", viaVersion.map { "\($0.rawValue)" }),
        ] {
            if let value { words += [option, value] }
        }
        if tiff { words.append("--tiff") }
        if untarred { words.append("--untarred") }
        if labelsOnly { words.append("--labels-only") }
        return words
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}

extension COCOSetOptions.MaskForm: ExpressibleByArgument {}
extension YOLOOptions.Multipart: ExpressibleByArgument {}
extension MaskFolderOptions.Kind: ExpressibleByArgument {}
extension VIAOptions.Version: ExpressibleByArgument {}
