extension PlantedDefect {
    /// A defect in one run-length mask.
    private static func runs(
        _ rule: String, size: [Int] = [80, 100], _ counts: any Sendable, area: Int, box: [Int]
    ) -> PlantedDefect {
        PlantedDefect(rule) {
            let segmentation: [String: any Sendable] = ["size": size, "counts": counts]
            $0.add(id: 100 + $1, ["segmentation": segmentation, "area": area, "bbox": box])
        }
    }

    static let masks = [
        runs("rle.size", size: [100, 80], [100, 5, 7895], area: 5, box: [1, 20, 1, 5]),
        runs("rle.sum", [100, 5, 7894], area: 5, box: [1, 20, 1, 5]),
        runs("rle.count", [100, 5, -5, 7900], area: 5, box: [1, 20, 1, 5]),
        runs("rle.characters", "b'Z2'", area: 5, box: [1, 20, 1, 5]),
        runs("rle.zero-run", [110, 3, 0, 3, 7884], area: 6, box: [1, 30, 1, 6]),
        PlantedDefect("rle.unknown-key") {
            let mask: [String: any Sendable] = ["size": [80, 100], "counts": [165, 6, 7829], "order": "F"]
            $0.add(id: 100 + $1, image: 2, ["segmentation": mask, "area": 6, "bbox": [2, 5, 1, 6]])
        },
        runs("mask.empty", [8000], area: 5, box: [1, 20, 1, 5]),
        runs("mask.full", [0, 8000], area: 8000, box: [0, 0, 100, 80]),
        PlantedDefect("mask.missing") {
            $0.add(id: 100 + $1, ["segmentation": [] as [Int], "area": 9, "bbox": [3, 3, 3, 3]])
        },
        square("bbox.degenerate", x: 20, y: 40, ["image_id": 2, "bbox": [20, 40, 0, 10]]),
        square("bbox.outside", x: 20, y: 52, ["image_id": 2, "bbox": [20, 52, 110, 10]]),
    ]
}
