private import Foundation
internal import JSONText
private import Runtime
private import SAM
internal import Training

/// What `samdata embed` prints at its end; `schemas/embed.schema.json` describes the JSON form.
struct EmbeddingReport {
    let shards: String
    let weights: String
    let modelName: String
    let format: CacheFormat
    let plan: CachePlan
    let summary: EmbeddingRun.Summary
    let seconds: Double

    private var imagesPerSecond: Double { seconds > 0 ? Double(summary.encoded) / seconds : 0 }

    var text: String {
        let variants = plan.variants > 1 ? " x \(plan.variants) variants" : ""
        return """
            model    \(modelName), \(plan.depth), \(format)
            images   \(plan.images)\(variants)
            encoded  \(summary.encoded), found \(summary.found), in \(ProgressReporter.duration(seconds)) \
            (\(String(format: "%.1f", imagesPerSecond)) images/s)
            cache    \(plan.folder), \(ByteSize(bytes: plan.bytesPerImage)) an image
            memory   \(ByteSize(bytes: ResourceUsage.peakMemoryBytes)) at most
            """
    }

    var json: JSONValue {
        .object([
            "schema_version": 1, "command": "embed", "shards": .string(shards), "weights": .string(weights),
            "cache": .string(plan.folder), "model": .string(modelName), "level": .string(plan.depth.description),
            "format": .string(format.rawValue), "images": .integer(Int64(plan.images)),
            "variants": .integer(Int64(plan.variants)), "encoded": .integer(Int64(summary.encoded)),
            "found": .integer(Int64(summary.found)), "interrupted": .bool(summary.wasInterrupted),
            "bytes_per_image": .integer(Int64(plan.bytesPerImage)), "seconds": .number(seconds),
            "images_per_second": .number(imagesPerSecond),
            "peak_memory_bytes": .integer(Int64(ResourceUsage.peakMemoryBytes)),
        ])
    }
}
