package import Runtime

/// What `manifest.json` beside a set of shards says; `schemas/manifest.schema.json` describes the file.
package struct ShardManifest: Sendable, Hashable {
    /// The version of the manifest's layout.
    package static let schemaVersion = 1
    /// The file's name.
    package static let fileName = "manifest.json"

    /// The name that the shards' files start with.
    package var name: String
    /// Whether the shards' readers turn decoded pixels by each record's orientation.
    package var exifPolicy: ExifPolicy
    /// The classes by dense index.
    package var classes: [ShardClass]
    package var shards: [Shard]
    /// Defects that were found and what was dropped while the shards were made, by rule id.
    package var findings: [FindingCount]
    /// The labels that the shards were made of, if from a file.
    package var source: Source?
    /// The command that made the shards, without what cannot change their bytes.
    package var command: String
    package var seed: UInt64
    /// Files besides the labels that decided on what is in the shards.
    package var inputs: [Source] = []
    /// What each stage took in and let out, in their order.
    package var stages: [StageCount] = []
    /// What the labels say of the set as a whole, as the text of a JSON object: COCO's `info` and `licenses`. Nil where they
    /// say nothing.
    package var sections: String?

    /// What a stage took in and let out.
    package struct StageCount: Sendable, Hashable {
        package var name: String
        package var imagesIn = 0
        package var imagesOut = 0
        package var objectsIn = 0
        package var objectsOut = 0

        package init(name: String) { self.name = name }
    }

    /// One shard's file.
    package struct Shard: Sendable, Hashable {
        package var file: String
        package var bytes: Int
        /// SHA-256 of the file, as `sha256sum` prints it; nil where whoever wrote the set did without.
        package var sha256: String?
        /// The records in the file's order.
        package var records: [Record]

        package init(file: String, bytes: Int, sha256: String?, records: [Record]) {
            self.file = file
            self.bytes = bytes
            self.sha256 = sha256
            self.records = records
        }
    }

    /// One record of a shard.
    package struct Record: Sendable, Hashable {
        package var imageID: String
        /// Number of objects by category id.
        package var objects: [Int64: Int]
        /// How many of them are crowds, by category id: nobody is trained on these, or judged by them.
        package var crowds: [Int64: Int]
        /// How often the record is to come up in an epoch, on average: a whole number of times, and once more with the
        /// probability of the rest. 0 is never.
        package var repeats: Double

        package init(imageID: String, objects: [Int64: Int], crowds: [Int64: Int] = [:], repeats: Double = 1) {
            self.imageID = imageID
            self.objects = objects
            self.crowds = crowds
            self.repeats = repeats
        }

        /// Number of objects that are no crowds, by category id; only of categories that have any.
        package var instances: [Int64: Int] {
            if crowds.isEmpty { return objects.filter { $0.value > 0 } }
            return objects.reduce(into: [:]) { instances, entry in
                let count = entry.value - (crowds[entry.key] ?? 0)
                if count > 0 { instances[entry.key] = count }
            }
        }

        /// Number of objects of all categories that are no crowds.
        package var instanceCount: Int { instances.values.reduce(0, +) }
    }

    /// The file of labels that the shards were made of.
    package struct Source: Sendable, Hashable {
        /// The path as given.
        package var path: String
        package var bytes: Int
        package var sha256: String

        package init(path: String, bytes: Int, sha256: String) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    package init(
        name: String, exifPolicy: ExifPolicy = .raw, classes: [ShardClass], shards: [Shard] = [],
        findings: [FindingCount] = [], source: Source? = nil, command: String = "", seed: UInt64 = 0
    ) {
        self.name = name
        self.exifPolicy = exifPolicy
        self.classes = classes
        self.shards = shards
        self.findings = findings
        self.source = source
        self.command = command
        self.seed = seed
    }

    /// Number of records in all shards.
    package var recordCount: Int { shards.reduce(0) { $0 + $1.records.count } }
    /// Bytes of all shards.
    package var byteCount: Int { shards.reduce(0) { $0 + $1.bytes } }
    /// Number of objects in all records.
    package var objectCount: Int { classCounts.values.reduce(0) { $0 + $1.objects } }

    /// Objects, and images with at least one of them, by category id.
    package var classCounts: [Int64: (objects: Int, images: Int)] {
        var counts: [Int64: (objects: Int, images: Int)] = [:]
        for shard in shards {
            for record in shard.records {
                for (category, objects) in record.objects {
                    counts[category, default: (0, 0)].objects += objects
                    counts[category, default: (0, 0)].images += 1
                }
            }
        }
        return counts
    }
}

/// In which frame a set's masks and boxes are.
package enum ExifPolicy: String, Sendable, Hashable, CaseIterable {
    /// Pixels as they are stored, whatever EXIF says: COCO's own convention.
    case raw
    /// Pixels turned as EXIF says; each record states the turn that its reader applies after decoding.
    case apply
}

/// A class of a set of shards.
package struct ShardClass: Sendable, Hashable {
    /// The id that records use: the labels' own id where that is an integer.
    package var categoryID: Int64
    package var name: String
    package var supercategory: String?
    /// The id as the labels write it, where that is not the integer ``categoryID``.
    package var sourceID: String?
    /// What the labels say besides of the class, as the text of a JSON object: LVIS's `frequency`, names of key points.
    package var members: String?

    package init(
        categoryID: Int64, name: String, supercategory: String? = nil, sourceID: String? = nil, members: String? = nil
    ) {
        self.members = members
        self.categoryID = categoryID
        self.name = name
        self.supercategory = supercategory
        self.sourceID = sourceID
    }
}

/// How often a rule was broken, and by what.
package struct FindingCount: Sendable, Hashable {
    /// What a finding is about, and whose ids are listed.
    package enum Subject: String, Sendable, Hashable, CaseIterable {
        case image
        case annotation
        case category
        /// The file as a whole.
        case file
    }

    package var rule: String
    package var severity: Severity
    package var subject: Subject
    package var count: Int
    /// The subjects' ids in the order found: all of what was dropped, the first hundred otherwise.
    package var ids: [String]
    /// Whether the subjects were left out of the shards.
    package var isDrop: Bool
    /// The number, from 1, of the stage that was asked to leave them out; nil where no stage was.
    package var stage: Int?
    /// For each id that of what it was left out for, such as the image that it repeats; empty where there is none.
    package var originals: [String]

    package init(
        rule: String, severity: Severity, subject: Subject, count: Int, ids: [String], isDrop: Bool, stage: Int? = nil,
        originals: [String] = []
    ) {
        self.rule = rule
        self.severity = severity
        self.subject = subject
        self.count = count
        self.ids = ids
        self.isDrop = isDrop
        self.stage = stage
        self.originals = originals
    }
}
