import Foundation
import TestSupport
import Testing

/// The arrows of the design: which of our own modules each target may import. SwiftPM lets transitive imports through,
/// so the import lines are read and held against this table.
@Suite struct LayeringTests {
    static let ground: Set<String> = ["Runtime", "JSONText", "Kernels", "Masks", "Images"]

    static let allowed: [String: Set<String>] = [
        "Runtime": ["CCPUFeatures", "CCRC32C", "CCrypto", "CMalloc"],
        "JSONText": ["Runtime", "CJSON", "CTextScan"],
        "KernelABI": [],
        "KernelsBaseline": ["KernelABI", "CAVX512"],
        "Kernels": ["Runtime", "KernelABI", "KernelsBaseline", "KernelsV3", "KernelsV4", "CCPUFeatures"],
        "Masks": ["Runtime"],
        "Images": ["Runtime", "KernelABI", "Kernels", "CImageShims"],
        "Annotations": ["Runtime", "JSONText", "Masks", "Images"],
        "Shards": ["Runtime", "JSONText", "Masks"],
        "Augmentation": ["Runtime", "Masks", "Images"],
        "Pipeline": ["Runtime", "JSONText", "Masks", "Images", "Annotations", "Augmentation", "Shards"],
        "Audit": ["Runtime", "JSONText", "Masks", "Images", "Annotations", "Shards"],
        "Metrics": ["Runtime", "JSONText", "Masks", "Images", "Annotations"],
        "Tensors": ["Runtime", "KernelABI", "Kernels"],
        "Layers": ["Runtime", "KernelABI", "Kernels", "Tensors"],
        "Checkpoints": ["Runtime", "JSONText", "Tensors"],
        "SAM": ground.union(["KernelABI", "Tensors", "Layers", "Checkpoints"]),
        "Training": ground.union([
            "Annotations", "Augmentation", "Shards", "Pipeline", "Metrics", "Tensors", "Layers", "Checkpoints", "SAM",
        ]),
        "Commands": ground.union([
            "Annotations", "Augmentation", "Shards", "Pipeline", "Audit", "Metrics", "Tensors", "Layers",
            "Checkpoints", "SAM", "Training",
        ]),
        "samdata": ["Commands"],
        "samdata-bench": ground.union([
            "KernelABI", "Annotations", "Augmentation", "Shards", "Pipeline", "Metrics", "Tensors", "Layers",
            "Checkpoints", "SAM",
            "Training",
        ]),
    ]

    /// Modules from outside the package, and the only targets that may use them.
    static let external: [String: Set<String>] = [
        "ArgumentParser": ["Commands", "samdata-bench"],
        "Logging": ["Commands"],
        "Yams": ["Training", "Pipeline", "Annotations"],
        "Foundation": Set(allowed.keys).subtracting(["KernelABI", "KernelsBaseline"]),
        "Glibc": Set(allowed.keys),
        "Dispatch": ["Runtime", "Pipeline", "Commands", "samdata-bench"],
        "Synchronization": Set(allowed.keys).subtracting(["KernelABI", "KernelsBaseline"]),
    ]

    static let targets = SourceTree.targets

    @Test(arguments: targets)
    func importsFollowTheTable(target: String) throws {
        let own = try #require(Self.allowed[target], "target \(target) is missing from the table of allowed arrows")
        for file in SourceTree.swiftFiles(below: "Sources/" + target) {
            for module in SourceTree.imports(of: file) {
                let isAllowed =
                    Self.external[module].map { $0.contains(target) } ?? own.contains(module)
                #expect(isAllowed, "\(file) imports \(module), which \(target) may not")
            }
        }
    }

    /// The table itself may hold no cycle: the arrows only go down.
    @Test func tableHasNoCycle() {
        var settled: Set<String> = []
        var remaining = Self.allowed
        while !remaining.isEmpty {
            let ready = remaining.filter { $0.value.allSatisfy { settled.contains($0) || Self.allowed[$0] == nil } }
            guard !ready.isEmpty else {
                Issue.record("a cycle among \(remaining.keys.sorted())")
                return
            }
            settled.formUnion(ready.keys)
            for name in ready.keys { remaining[name] = nil }
        }
    }

    /// The CPU levels are the same sources: links, not copies.
    @Test(arguments: ["KernelsV3", "KernelsV4"])
    func kernelVariantsAreLinks(name: String) throws {
        let path = Repository.root + "/Sources/" + name
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "KernelsBaseline")
    }
}
