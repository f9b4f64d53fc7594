/// A command of samdata whose memory is measured.
struct MemoryStep: Sendable {
    let title: String
    /// Exit codes that say that it did its work.
    var statuses: Set<Int32> = [0]
    /// Whether each image costs so much time that a part of the set has to do.
    var usesModel = false
    let arguments: @Sendable (MemoryInput, _ output: String) -> [String]

    /// In their order: later ones read what earlier ones have written.
    static let all = [
        MemoryStep(title: "convert coco, to shards") { input, output in
            ["convert", "coco", input.labels, "--images", input.pictures, "-o", output + "/shards"]
        },
        MemoryStep(title: "convert coco --split --balance --dedup perceptual --resize") { input, output in
            [
                "convert", "coco", input.labels, "--images", input.pictures, "-o", output + "/staged",
                "--split", "train=0.9,val=0.1", "--split-by", "stratified", "--balance", "repeat-factor", "--dedup",
                "perceptual", "--resize", "256",
            ]
        },
        MemoryStep(title: "convert shards --to coco") { _, output in
            ["convert", "shards", output + "/shards", "--to", "coco", "-o", output + "/coco"]
        },
        MemoryStep(title: "convert coco --to yolo") { input, output in
            [
                "convert", "coco", input.labels, "--images", input.pictures, "--to", "yolo", "-o", output + "/yolo",
            ]
        },
        MemoryStep(title: "convert yolo --to shards") { _, output in
            ["convert", "yolo", output + "/yolo", "-o", output + "/again"]
        },
        MemoryStep(title: "convert coco --to mask-folder") { input, output in
            [
                "convert", "coco", input.labels, "--images", input.pictures, "--to", "mask-folder", "-o",
                output + "/folder",
            ]
        },
        MemoryStep(title: "convert masks") { _, output in
            ["convert", "masks", output + "/folder", "-o", output + "/masks"]
        },
        MemoryStep(title: "audit, with images", statuses: [0, 1]) { input, _ in
            ["audit", input.labels, "--images", input.pictures]
        },
        MemoryStep(title: "audit --fix", statuses: [0, 1]) { input, output in
            ["audit", input.labels, "--fix", "-o", output + "/fixed.json"]
        },
        MemoryStep(title: "inspect") { input, _ in ["inspect", input.labels] },
        MemoryStep(title: "inspect, of shards") { _, output in ["inspect", output + "/shards"] },
        MemoryStep(title: "evaluate TRUTH LABELS") { input, output in
            ["evaluate", input.labels, output + "/coco", "--prediction-format", "coco"]
        },
        MemoryStep(title: "bench loader --augment") { _, output in
            ["bench", "loader", output + "/shards", "--resize", "256", "--augment", "HorizontalFlip"]
        },
        MemoryStep(title: "bench loader --shuffle window=500") { _, output in
            ["bench", "loader", output + "/shards", "--shuffle", "window=500"]
        },
        MemoryStep(title: "train, one epoch", usesModel: true) { _, output in
            [
                "train", output + "/shards", "--val", output + "/shards", "--model", "nano", "--epochs", "1", "-o",
                output + "/run", "--set", "report=false",
            ]
        },
        MemoryStep(title: "embed", usesModel: true) { _, output in
            ["embed", output + "/shards", "--weights", output + "/run", "-o", output + "/cache"]
        },
        MemoryStep(title: "evaluate --weights", usesModel: true) { _, output in
            ["evaluate", output + "/shards", "--weights", output + "/run"]
        },
    ]
}
