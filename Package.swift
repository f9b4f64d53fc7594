// swift-tools-version: 6.3
import PackageDescription

// Swift 6 language mode with every warning an error, for every target of our own.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

// Number-crunching targets stay optimised in debug builds: the last -O flag on the command line wins.
let numeric: [SwiftSetting] = house + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// One CPU level of the kernels: the same sources (directory symlinks), other code generation flags.
func kernelSettings(march: String?) -> [SwiftSetting] {
    var flags = ["-Ounchecked", "-Xcc", "-fno-math-errno"]
    if let march { flags += ["-Xcc", "-march=\(march)", "-DKERNEL_FMA"] }
    if march == "x86-64-v4" { flags += ["-DKERNEL_WIDE"] }
    return house + [.unsafeFlags(flags)]
}

func kernelVariant(_ name: String, _ extra: [Target.Dependency] = [], march: String?) -> Target {
    .target(
        name: name, dependencies: ["KernelABI"] + extra, swiftSettings: kernelSettings(march: march),
        linkerSettings: [.linkedLibrary("m")])
}

func systemLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func library(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], settings: [SwiftSetting] = house
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], settings: [SwiftSetting] = house
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude, swiftSettings: settings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "samdata",
    products: [
        .executable(name: "samdata", targets: ["samdata"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Cellar: C module maps and thin shims only.
        systemLibrary("CPNG", pkgConfig: "libpng", apt: "libpng-dev"),
        systemLibrary("CJPEG", pkgConfig: "libjpeg", apt: "libjpeg62-turbo-dev"),
        systemLibrary("CJSON", pkgConfig: "json-c", apt: "libjson-c-dev"),
        systemLibrary("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        .target(name: "CImageShims", dependencies: ["CPNG", "CJPEG"], linkerSettings: [.linkedLibrary("z")]),
        .target(name: "CAVX512"),
        .target(name: "CCPUFeatures"),
        .target(name: "CMalloc"),
        .target(name: "CCRC32C"),
        .target(name: "CTextScan"),

        // Ground floor.
        library("Runtime", ["CCPUFeatures", "CCRC32C", "CCrypto", "CMalloc"], settings: numeric),
        library("JSONText", ["Runtime", "CJSON", "CTextScan"], settings: numeric),
        library("KernelABI", []),
        kernelVariant("KernelsBaseline", march: nil),
        kernelVariant("KernelsV3", march: "x86-64-v3"),
        kernelVariant("KernelsV4", ["CAVX512"], march: "x86-64-v4"),
        library(
            "Kernels", ["Runtime", "KernelABI", "KernelsBaseline", "KernelsV3", "KernelsV4", "CCPUFeatures"],
            exclude: ["NOTES.md"], settings: numeric),
        library("Masks", ["Runtime"], settings: numeric),
        library("Images", ["Runtime", "KernelABI", "Kernels", "CImageShims"], settings: numeric),

        // Data wing.
        library("Annotations", ["Runtime", "JSONText", "Masks", "Images", yams], settings: numeric),
        library("Shards", ["Runtime", "JSONText", "Masks"], settings: numeric),
        library("Augmentation", ["Runtime", "Masks", "Images"], settings: numeric),
        library(
            "Pipeline", ["Runtime", "JSONText", "Masks", "Images", "Annotations", "Augmentation", "Shards", yams]),
        library("Audit", ["Runtime", "JSONText", "Masks", "Images", "Annotations", "Shards"]),
        library("Metrics", ["Runtime", "JSONText", "Masks", "Images", "Annotations"], settings: numeric),

        // Model wing.
        library("Tensors", ["Runtime", "KernelABI", "Kernels"], settings: numeric),
        library("Layers", ["Runtime", "KernelABI", "Kernels", "Tensors"], settings: numeric),
        library("Checkpoints", ["Runtime", "JSONText", "Tensors"], settings: numeric),
        library(
            "SAM",
            ["Runtime", "JSONText", "KernelABI", "Kernels", "Masks", "Images", "Tensors", "Layers", "Checkpoints"],
            settings: numeric),
        library(
            "Training",
            [
                "Runtime", "JSONText", "Kernels", "Masks", "Images", "Annotations", "Augmentation", "Shards",
                "Pipeline", "Metrics", "Tensors", "Layers", "Checkpoints", "SAM", yams,
            ]),

        // Top.
        library(
            "Commands",
            [
                "Runtime", "JSONText", "Kernels", "Masks", "Images", "Annotations", "Augmentation", "Shards",
                "Pipeline", "Audit", "Metrics", "Tensors", "Layers", "Checkpoints", "SAM", "Training",
                argumentParser, logging,
            ]),
        .executableTarget(name: "samdata", dependencies: ["Commands"], swiftSettings: house),
        .executableTarget(
            name: "samdata-bench",
            dependencies: [
                "Runtime", "JSONText", "KernelABI", "Kernels", "Masks", "Images", "Annotations", "Augmentation",
                "Shards", "Pipeline", "Metrics", "Tensors", "Layers", "Checkpoints", "SAM", "Training", argumentParser,
            ],
            exclude: ["Peer/scripts", "Thresholds/thresholds.json"], swiftSettings: house),

        // Tests mirror the targets.
        .target(
            name: "TestSupport", dependencies: ["Runtime", "JSONText"], path: "Tests/TestSupport", swiftSettings: house),
        tests("RuntimeTests", ["Runtime"]),
        tests("JSONTextTests", ["JSONText", "CTextScan", "Runtime"]),
        tests("KernelsTests", ["Kernels", "KernelABI", "Runtime"], settings: numeric),
        tests("MasksTests", ["Masks", "Runtime"]),
        tests("ImagesTests", ["Images", "Kernels", "KernelABI", "Runtime"]),
        tests("AnnotationsTests", ["Annotations", "JSONText", "Masks", "Images", "Runtime"]),
        tests("ShardsTests", ["Shards", "JSONText", "Masks", "Runtime"]),
        tests("AugmentationTests", ["Augmentation", "Masks", "Images", "JSONText", "Runtime"]),
        tests(
            "PipelineTests",
            ["Pipeline", "Shards", "Annotations", "Augmentation", "Masks", "Images", "Runtime", "JSONText"]),
        tests(
            "AuditTests",
            ["Audit", "Annotations", "Masks", "Images", "Runtime", "JSONText", "Shards", "Pipeline"]),
        tests("MetricsTests", ["Metrics", "Annotations", "Images", "Masks", "JSONText", "Runtime"]),
        tests("TensorsTests", ["Tensors", "KernelABI", "Kernels", "Runtime"], settings: numeric),
        tests("LayersTests", ["Layers", "Tensors", "KernelABI", "Kernels", "Runtime"]),
        tests("CheckpointsTests", ["Checkpoints", "Tensors", "JSONText", "Runtime"]),
        tests(
            "SAMTests",
            ["SAM", "Layers", "Tensors", "Kernels", "Checkpoints", "Images", "Masks", "JSONText", "Runtime"]),
        tests(
            "TrainingTests",
            [
                "Training", "SAM", "Layers", "Tensors", "Checkpoints", "Shards", "Pipeline", "Augmentation", "Metrics",
                "Masks", "Images", "JSONText", "Runtime",
            ]),
        tests("CommandsTests", ["Commands", "Runtime"]),
        tests("ArchitectureTests", []),
        tests("EndToEndTests", ["Runtime", "JSONText", "Masks", "Images", "Shards"]),
    ],
    swiftLanguageModes: [.v6]
)
