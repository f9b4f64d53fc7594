/// How a family of models wants its images, and how it brings its masks back to an image's size.
///
/// A model that is given another family's input still answers, only worse; so the recipe stands in the configuration
/// and travels with the checkpoint.
package struct PreprocessingRecipe: Sendable, Hashable {
    /// How an image is fitted into the square input.
    package enum Fit: String, Sendable, Hashable, CaseIterable {
        /// Its longest side fills the square, the rest is padded with zeros after normalisation.
        case longestSide = "longest_side"
        /// Both sides fill the square, each scaled on its own.
        case stretch
    }

    /// The filter that scales an image.
    package enum Filter: String, Sendable, Hashable, CaseIterable {
        /// Pillow's bilinear filter, which averages when it shrinks.
        case bilinearAntialiased = "bilinear_antialiased"
        /// PyTorch's bilinear interpolation, which does not, in floating point.
        case bilinear
        /// scikit-image's `resize(order=3, anti_aliasing=True)`: a Gaussian, then cubic splines, cut off to bytes.
        case spline
    }

    /// What happens to the bytes of R, G and B before mean and deviation.
    package enum ValueRange: String, Sendable, Hashable, CaseIterable {
        /// They are taken as 0...255.
        case bytes
        /// They are divided by 255.
        case unit
        /// The image's smallest becomes 0, its largest 1.
        case minMax = "min_max"
        /// The image's smallest becomes 0, its largest 255, before it is scaled.
        case minMaxBytes = "min_max_bytes"
    }

    /// How low-resolution logits become a mask of the image's size.
    package enum MaskScaling: String, Sendable, Hashable, CaseIterable {
        /// Bilinear to the input's size, the padding cut off, bilinear to the image's size.
        case bilinear
        /// Bicubic to the image's size.
        case bicubic
        /// Probabilities, bilinear to the image's size.
        case bilinearProbability = "bilinear_probability"
    }

    package var fit: Fit
    package var filter: Filter
    package var range: ValueRange
    /// Mean of R, G, B, subtracted after the range.
    package var mean: [Float]
    /// Deviation of R, G, B, which the rest is divided by.
    package var std: [Float]
    package var maskScaling: MaskScaling

    package init(
        fit: Fit, filter: Filter, range: ValueRange, mean: [Float], std: [Float], maskScaling: MaskScaling
    ) {
        self.fit = fit
        self.filter = filter
        self.range = range
        self.mean = mean
        self.std = std
        self.maskScaling = maskScaling
    }

    /// SAM, MobileSAM, SAM-HQ and SlimSAM. Source: segment-anything `transforms.py` and `sam.py`.
    package static let sam = PreprocessingRecipe(
        fit: .longestSide, filter: .bilinearAntialiased, range: .bytes, mean: [123.675, 116.28, 103.53],
        std: [58.395, 57.12, 57.375], maskScaling: .bilinear)

    /// EfficientSAM. Source: `efficient_sam.py`.
    package static let efficientSAM = PreprocessingRecipe(
        fit: .stretch, filter: .bilinear, range: .unit, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225],
        maskScaling: .bicubic)

    /// MedSAM. Source: `MedSAM_Inference.py`.
    package static let medSAM = PreprocessingRecipe(
        fit: .stretch, filter: .spline, range: .minMax, mean: [0, 0, 0], std: [1, 1, 1],
        maskScaling: .bilinearProbability)

    /// SAMed, which takes images of 512 pixels in 0...1.
    package static let samed = PreprocessingRecipe(
        fit: .stretch, filter: .bilinearAntialiased, range: .unit, mean: [0, 0, 0], std: [1, 1, 1],
        maskScaling: .bilinear)

    /// micro-sam: SAM's, after the image's own values were stretched to 0...255.
    package static let microSAM: PreprocessingRecipe = {
        var recipe = sam
        recipe.range = .minMaxBytes
        return recipe
    }()

    /// The recipes by the names that `--preprocessing` takes.
    package static let named: [(name: String, recipe: PreprocessingRecipe)] = [
        ("sam", .sam), ("efficientsam", .efficientSAM), ("medsam", .medSAM), ("samed", .samed),
        ("micro-sam", .microSAM),
    ]

    /// The name of this recipe, or nil for one of somebody's own.
    package var name: String? { Self.named.first { $0.recipe == self }?.name }
}
