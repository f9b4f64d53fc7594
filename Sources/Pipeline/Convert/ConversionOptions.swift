package import Annotations
package import Shards

/// What is to be converted, and how.
package struct ConversionOptions: Sendable {
    /// What happens to what cannot be converted.
    package enum DropPolicy: String, Sendable, Hashable, CaseIterable {
        /// Leave it out, count it, list it.
        case report
        /// Leave it out, count it.
        case skip
        /// Stop at the first.
        case fail
    }

    /// What happens to an output directory that holds files.
    package enum ExistingOutput: Sendable, Hashable {
        case refuse
        /// Remove the shards in it and begin anew.
        case replace
        /// Keep its complete shards and go on.
        case resume
    }

    /// The labels: a COCO file, or whatever their format has.
    package var input: String
    /// The name of the labels' format.
    package var format = "coco"
    /// The directory that file names in the labels are relative to.
    package var images: String
    /// Take images whose names lead out of that directory.
    package var takesOutsideImages = false
    /// Where images were looked for, when nobody said where they are; empty when somebody did.
    package var imagePlaces: [String] = []
    package var output: String
    /// The name of the format that is written.
    package var target = Self.shards
    package var split: SplitRule?
    /// What images go through between reading and writing.
    package var chain = SampleChain()
    /// ``chain`` as `--stages` takes it; what is resumed or repeated is told by it.
    package var chainText: String?
    /// Write samples as often as balancing wants them, instead of noting it in the manifest.
    package var writesRepeats = false
    /// Bytes at which a shard is full; one with a single larger image may exceed it.
    package var shardBytes: Int
    package var dropPolicy = DropPolicy.report
    package var ringRule = RingRule.coco
    package var exifPolicy = ExifPolicy.raw
    /// Whether somebody has said so, and it is not the source format's own.
    package var exifIsStated = false
    /// The frame that labels are written in, whichever they come in; nil leaves them as they come. Shards say which it is.
    package var targetFrame: LabelFrame?
    package var seed: UInt64 = 0
    /// Decode every image, so that damage inside a file is found now rather than in training.
    package var decodesImages = false
    package var existingOutput = ExistingOutput.refuse
    /// Settings of the formats that change what is written, as the command line has them.
    package var formatArguments: [String] = []

    /// The target that is not another label format.
    package static let shards = "shards"

    package init(input: String, images: String, output: String, shardBytes: Int = 256_000_000) {
        precondition(shardBytes > 0, "shards of \(shardBytes) bytes")
        self.input = input
        self.images = images
        self.output = output
        self.shardBytes = shardBytes
    }

    /// The command line of these options, as the manifest states it: without the output, threads, and whatever else
    /// cannot change a byte of what is written.
    package var command: String {
        var words = ["samdata", "convert", format, Self.quoted(input), "--images", Self.quoted(images)]
        if takesOutsideImages { words.append("--outside-images") }
        if target != Self.shards { words += ["--to", target] }
        words += formatArguments.map(Self.quoted)
        if let split {
            words += ["--split", split.parts.map { "\($0.name)=\($0.share)" }.joined(separator: ",")]
            words += ["--group-by", Self.quoted(split.group.rawValue)]
            if split.method != .hash { words += ["--split-by", split.method.rawValue] }
            if let file = split.previousFile { words += ["--split-file", Self.quoted(file)] }
        }
        if target == Self.shards { words += ["--shard-size", String(shardBytes)] }
        words += ["--on-error", dropPolicy.rawValue]
        words += ["--rings", ringRule.rawValue]
        // Beside labels the word would mean more than the source's frame.
        if target == Self.shards || exifIsStated { words += ["--exif", exifPolicy.rawValue] }
        words += ["--seed", String(seed)]
        if decodesImages { words.append("--decode") }
        if let chainText { words += ["--stages", Self.quoted(chainText)] }
        if writesRepeats { words.append("--write-repeats") }
        return words.joined(separator: " ")
    }

    /// A word as a shell takes it.
    private static func quoted(_ word: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%")
        if !word.isEmpty && word.allSatisfy({ plain.contains($0) }) { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
