internal import Annotations
private import Masks
internal import Runtime

/// Counts of a COCO file, taken in one pass; memory grows with the number of images and classes, not of annotations.
struct COCOSummary: COCOVisitor {
    /// What a segmentation is written as.
    enum Form: String, CaseIterable {
        case polygons
        case uncompressedRLE = "uncompressed_rle"
        case compressedRLE = "compressed_rle"
        case none

        init(_ segmentation: Segmentation?) {
            switch segmentation {
            case .polygons(let rings): self = rings.isEmpty ? .none : .polygons
            case .runs: self = .uncompressedRLE
            case .compressed: self = .compressedRLE
            case nil: self = .none
            }
        }
    }

    struct Count {
        var objects = 0
        var crowds = 0
        var images = 0
        fileprivate var lastImage: COCOIdentifier?
        fileprivate var seen: Set<COCOIdentifier> = []
    }

    private(set) var imageCount = 0
    private(set) var annotationCount = 0
    private(set) var categories: [COCOCategory] = []
    private(set) var countByCategory: [COCOIdentifier: Count] = [:]
    private(set) var countByForm: [Form: Int] = [:]
    private(set) var crowdCount = 0
    private(set) var withoutArea = 0
    private(set) var withoutBox = 0
    private(set) var imagesWithObjects: Set<COCOIdentifier> = []
    private(set) var widths: ClosedRange<Int>?
    private(set) var heights: ClosedRange<Int>?
    private(set) var countByRule: [String: Int] = [:]
    /// The image that was asked for.
    private(set) var recordImage: COCOImage?
    private let record: Int?

    /// - Parameter record: the number of the image to keep, from 0.
    init(record: Int?) { self.record = record }

    mutating func visit(_ image: COCOImage) {
        if imageCount == record { recordImage = image }
        imageCount += 1
        if let width = image.width { widths = Self.widened(widths, by: width) }
        if let height = image.height { heights = Self.widened(heights, by: height) }
    }

    mutating func visit(_ annotation: COCOAnnotation) {
        annotationCount += 1
        countByForm[Form(annotation.segmentation), default: 0] += 1
        if annotation.isCrowd { crowdCount += 1 }
        if annotation.area == nil { withoutArea += 1 }
        if annotation.bbox == nil { withoutBox += 1 }
        imagesWithObjects.insert(annotation.imageID)
        var count = countByCategory[annotation.categoryID] ?? Count()
        count.objects += 1
        if annotation.isCrowd { count.crowds += 1 }
        // Most files keep an image's objects together, which saves the look-up.
        if count.lastImage != annotation.imageID {
            count.lastImage = annotation.imageID
            if count.seen.insert(annotation.imageID).inserted { count.images += 1 }
        }
        countByCategory[annotation.categoryID] = count
    }

    mutating func visit(_ category: COCOCategory) { categories.append(category) }

    mutating func report(_ finding: Finding, dropped: COCOSection?) { countByRule[finding.rule, default: 0] += 1 }

    private static func widened(_ range: ClosedRange<Int>?, by value: Int) -> ClosedRange<Int> {
        guard let range else { return value...value }
        return min(range.lowerBound, value)...max(range.upperBound, value)
    }
}
