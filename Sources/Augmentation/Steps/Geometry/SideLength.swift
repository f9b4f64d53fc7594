internal import Runtime

/// What an image is resized to: the length of one side, of several one is drawn, or lengths of height and width.
struct SideLength: Sendable {
    /// Which of the two factors counts that height and width ask for: the image then lies within both, or covers both.
    enum Fit: Sendable {
        case within
        case covering
    }

    /// Lengths of one side, of which one is drawn; empty where height and width are stated.
    private let sizes: [Int]
    private let height: Int?
    private let width: Int?
    private let fit: Fit

    /// - Parameter fit: which side `max_size` is of, the longer one or the shorter one, and what `max_size_hw` means.
    static func specifications(_ fit: Fit) -> [ParameterSpecification] {
        let side = fit == .within ? "longer" : "shorter"
        let end = fit == .within ? "lies within them" : "covers them"
        return [
            ParameterSpecification(
                "max_size", .integers(1...16_384), .null,
                "Length of the \(side) side; of several, one is drawn. It or max_size_hw is wanted."),
            ParameterSpecification(
                "max_size_hw", .sides(1...16_384), .null,
                "Height and width; the image \(end). Null leaves one to the shape."),
        ]
    }

    /// - Throws: `AugmentationError.value` unless one of the two parameters is stated.
    init(_ parameters: StepParameters, _ fit: Fit) throws(AugmentationError) {
        let name = parameters.specification.name
        self.fit = fit
        switch (parameters.has("max_size"), parameters.has("max_size_hw")) {
        case (true, true):
            throw AugmentationError(.value, "\(name): max_size and max_size_hw are both stated; one is wanted")
        case (false, false): throw AugmentationError(.value, "\(name) needs max_size, or max_size_hw")
        case (true, false): (sizes, height, width) = (parameters.integers("max_size"), nil, nil)
        case (false, true):
            (height, width) = parameters.sides("max_size_hw")
            sizes = []
        }
    }

    /// The factor that an image is resized by.
    func factor(height imageHeight: Int, width imageWidth: Int, random: inout CounterRandom) -> Double {
        let sides = (Double(imageHeight), Double(imageWidth))
        guard sizes.isEmpty else {
            let size = Double(sizes[random.index(below: sizes.count)])
            return size / (fit == .within ? max(sides.0, sides.1) : min(sides.0, sides.1))
        }
        let factors = [height.map { Double($0) / sides.0 }, width.map { Double($0) / sides.1 }].compactMap { $0 }
        return (fit == .within ? factors.min() : factors.max()) ?? 1
    }

    /// The most pixels of a resized image, and of its longer side, of all with the shape of the largest or a squarer one.
    func bound(of sample: AugmentationFootprint.Sample) -> (pixels: Int, side: Int) {
        if fit == .within {
            if let most = sizes.max() { return (most * most, most) }
            if let height, let width { return (height * width, max(height, width)) }
        }
        // One side is known; the other one follows from the shape.
        let known = Double(sizes.max() ?? max(height ?? 1, width ?? 1))
        let shape = Double(sample.side) * Double(sample.side) / Double(max(sample.pixels, 1))
        let other = min(16_384, (known * shape).rounded(.up))
        return (Int(known * other), Int(max(known, other)))
    }
}
