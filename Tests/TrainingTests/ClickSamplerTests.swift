import Masks
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

@Suite struct ClickSamplerTests {
    private func stream(_ sample: Int) -> CounterRandom {
        CounterRandom(seed: 9, sample: UInt64(sample), purpose: RandomPurpose("click test"))
    }

    private func plan(_ prompts: PromptProtocol, model: SAMConfiguration = TrainingFixture.configuration) throws
        -> PromptPlan
    {
        var configuration = TrainingConfiguration()
        configuration.prompts = prompts
        return try PromptPlan(configuration, model: model)
    }

    /// A label in an image of the given size that fills a model's input of 64 pixels, its masks of 16 cells.
    private func object(_ height: Int, _ width: Int, _ isInside: (Int, Int) -> Bool) -> (TrainingObject, ImageFrame) {
        var bitmap = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width where isInside(row, column) { bitmap[row, column] = true }
        }
        let frame = ImageFrame(height: height, width: width, imageSize: 64)
        let label = RLE(bitmap)
        let coverage = MaskCoverage(
            of: label, height: 16, width: 16, cellHeight: 4 / frame.scaleY, cellWidth: 4 / frame.scaleX)
        return (TrainingObject(prompt: Prompt(), target: coverage, label: label), frame)
    }

    /// Logits of a mask by cells.
    private func logits(_ isInside: (Int, Int) -> Bool) -> [Float] {
        (0..<256).map { isInside($0 / 16, $0 % 16) ? 3 : -3 }
    }

    private func clicks(
        _ object: (TrainingObject, ImageFrame), _ prompts: PromptProtocol, after logits: [Float], count: Int = 200
    ) throws -> [[Prompt.Point]] {
        let plan = try plan(prompts)
        let sampler = ClickSampler(object.0, frame: object.1, plan: plan)
        return (0..<count).map { sample in
            var random = stream(sample)
            return logits.withUnsafeBufferPointer { logits in
                guard let base = logits.baseAddress else { return [] }
                return prompts == .microSAM
                    ? sampler.clickPair(after: base, random: &random) : [sampler.click(after: base, random: &random)]
            }
        }
    }

    private func isOn(_ point: Prompt.Point, _ object: TrainingObject) -> Bool {
        let bitmap = object.label.bitmap()
        return bitmap[Int(point.y), Int(point.x)]
    }

    /// The left half is missed, and a strip on the right is too much: clicks in proportion to the two areas, each with the
    /// right sign, none where the mask is right.
    @Test func clicksAreUniformInTheErrorRegion() throws {
        // The object: rows 64..<128 of 256, columns 64..<192; a cell is 16 pixels.
        let object = object(256, 256) { (64..<128).contains($0) && (64..<192).contains($1) }
        let mask = logits { (4..<8).contains($0) && (8..<14).contains($1) }
        let all = try clicks(object, .interactive, after: mask, count: 1200).map { $0[0] }
        for click in all {
            #expect(click.isForeground == isOn(click, object.0))
            let columns = click.isForeground ? 64.0..<128 : 192.0..<224
            #expect(columns.contains(click.x) && (64.0..<128).contains(click.y))
        }
        // 16 cells are missed, 8 are too many: two of three are positive, to five standard deviations.
        let positive = all.filter(\.isForeground)
        #expect(abs(positive.count - 800) < 5 * 17)
        let upper = positive.filter { $0.y < 96 }.count
        #expect(abs(Double(upper) - Double(positive.count) / 2) < 5 * 14)
        #expect(Set(positive.map(\.x)).count > 40, "clicks go to all pixels of a cell, not to its middle")
    }

    /// A missed object of one pixel is clicked on, whatever the scale: enlarged and shrunk images.
    @Test(arguments: [(1000, 700), (64, 64), (20, 31), (3, 5), (1, 1)])
    func tinyObjectsAreHit(height: Int, width: Int) throws {
        let place = (height * 2 / 3, width / 3)
        let object = object(height, width) { ($0, $1) == place }
        for click in try clicks(object, .interactive, after: logits { _, _ in false }, count: 40) {
            #expect(click == [Prompt.Point(x: Double(place.1), y: Double(place.0))])
        }
    }

    /// Whatever the mask, clicks lie in the image and say the truth about the label.
    @Test(arguments: [PromptProtocol.interactive, .microSAM])
    func clicksAlwaysTellTheTruth(prompts: PromptProtocol) throws {
        for sample in 0..<60 {
            var random = stream(1000 + sample)
            let (height, width) = (1 + random.index(below: 150), 1 + random.index(below: 150))
            let (row, column) = (random.index(below: height), random.index(below: width))
            let radius = random.index(below: 60)
            let object = object(height, width) {
                ($0 - row) * ($0 - row) + ($1 - column) * ($1 - column) <= radius * radius
            }
            let mask = (0..<256).map { _ in Float(random.normal()) }
            for clicks in try clicks(object, prompts, after: mask, count: 10) {
                for click in clicks {
                    try #require(click.x >= 0 && click.y >= 0 && click.x < Double(width) && click.y < Double(height))
                    #expect(click.isForeground == isOn(click, object.0))
                }
            }
        }
    }

    // MARK: Nothing wrong

    @Test func aPerfectMaskStillGetsAClick() throws {
        let object = object(256, 256) { (64..<128).contains($0) && (64..<192).contains($1) }
        let mask = logits { (4..<8).contains($0) && (4..<12).contains($1) }
        let all = try clicks(object, .interactive, after: mask).map { $0[0] }
        #expect(all.allSatisfy { $0.isForeground == isOn($0, object.0) })
        #expect(abs(all.count(where: \.isForeground) - 100) < 5 * 7)
        for click in all where !click.isForeground {
            #expect((61.0..<131).contains(click.y) && (61.0..<195).contains(click.x), "near by")
        }
    }

    /// An object that is the whole image has no background to click on.
    @Test(arguments: [PromptProtocol.interactive, .microSAM])
    func anObjectWithoutBackground(prompts: PromptProtocol) throws {
        let object = object(50, 60) { _, _ in true }
        for mask in [logits { _, _ in false }, logits { $0 * 4 < 54 && $1 < 16 }] {
            for clicks in try clicks(object, prompts, after: mask, count: 20) {
                #expect(clicks.count == (prompts == .microSAM ? 2 : 1) && clicks.allSatisfy(\.isForeground))
            }
        }
    }

    // MARK: micro-sam

    @Test func pairsHaveOneOfEach() throws {
        let object = object(256, 256) { (64..<128).contains($0) && (64..<192).contains($1) }
        // Columns 64..<128 missed; too much right of the object: one cell beside it, and one far from it.
        let mask = logits { (4..<8).contains($0) && [8, 9, 10, 11, 12, 15].contains($1) }
        for pair in try clicks(object, .microSAM, after: mask) {
            try #require(pair.map(\.isForeground) == [true, false])
            #expect((64.0..<128).contains(pair[0].x) && (64.0..<128).contains(pair[0].y))
            // A cell is 16 pixels: both columns of surplus cells are over 10 pixels away.
            #expect(pair[1].x >= 192 && (64.0..<128).contains(pair[1].y))
        }
    }

    /// Surplus beside the object is passed over while there is some farther away, and taken where there is none.
    @Test func backgroundClicksKeepTheirDistance() throws {
        // In an image of 64 pixels a cell is 4: one cell beside the object is nearer than 10 pixels, four are not.
        let object = object(64, 64) { (16..<32).contains($0) && (16..<32).contains($1) }
        let beside = logits { (4..<8).contains($0) && (4..<9).contains($1) }
        let also = logits { (4..<8).contains($0) && ((4..<9).contains($1) || $1 == 12) }
        let near = try clicks(object, .microSAM, after: beside).map { $0[1].x }
        let far = try clicks(object, .microSAM, after: also).map { $0[1].x }
        #expect(near.allSatisfy { (32.0..<36).contains($0) })
        #expect(far.allSatisfy { (48.0..<52).contains($0) })
    }

    /// Nothing missed: a place that was found. Nothing too much: between the mask and its box, three pixels wider.
    @Test func pairsOfAPerfectMask() throws {
        let object = object(256, 256) { ($0 - 100) * ($0 - 100) + ($1 - 120) * ($1 - 120) <= 50 * 50 }
        let perfect = object.0.target.values.map { $0 > 0.5 ? Float(2) : -2 }
        for pair in try clicks(object, .microSAM, after: perfect) {
            try #require(pair.map(\.isForeground) == [true, false])
            #expect(isOn(pair[0], object.0) && !isOn(pair[1], object.0))
            #expect((47.0...153).contains(pair[1].y) && (67.0...173).contains(pair[1].x))
        }
    }

    /// Models that know no background points are asked with points of the object alone.
    @Test func modelsWithoutBackgroundPoints() throws {
        var model = TrainingFixture.configuration
        model.family = .efficientSAM
        let (object, frame) = object(64, 64) { (16..<32).contains($0) && (16..<32).contains($1) }
        let tooMuch = logits { _, _ in true }
        for prompts in [PromptProtocol.interactive, .microSAM] {
            let sampler = ClickSampler(object, frame: frame, plan: try plan(prompts, model: model))
            for sample in 0..<30 {
                var random = stream(sample)
                tooMuch.withUnsafeBufferPointer { mask in
                    guard let mask = mask.baseAddress else { return }
                    let clicks =
                        prompts == .microSAM
                        ? sampler.clickPair(after: mask, random: &random)
                        : [sampler.click(after: mask, random: &random)]
                    #expect(clicks.count == 1 && clicks[0].isForeground && isOn(clicks[0], object))
                }
            }
        }
    }
}
