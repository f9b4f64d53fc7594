import Masks
import Runtime
import SAM
import Testing
import Training

@Suite struct PromptPlanTests {
    private func plan(
        _ prompts: PromptProtocol, rounds: Int? = nil, family: SAMConfiguration.Family = .sam,
        _ change: (inout TrainingConfiguration) -> Void = { _ in }
    ) throws -> PromptPlan {
        var configuration = TrainingConfiguration()
        configuration.prompts = prompts
        configuration.promptRounds = rounds
        change(&configuration)
        var model = TrainingFixture.configuration
        model.family = family
        return try PromptPlan(configuration, model: model)
    }

    @Test func thePapersRounds() throws {
        var places: Set<Int> = []
        for stream in 0..<200 {
            let rounds = try plan(.interactive).rounds(stream: UInt64(stream))
            #expect(rounds.count == 11 && !rounds[0].addsClicks && !rounds[0].feedsMask)
            #expect(rounds.dropFirst().allSatisfy { $0.feedsMask })
            #expect(rounds.count(where: \.addsClicks) == 8 && !rounds[10].addsClicks)
            places.insert(rounds.indices.dropFirst().first { !rounds[$0].addsClicks } ?? 0)
        }
        #expect(places == Set(1...9), "the round without a click comes anywhere")
    }

    @Test(arguments: 1...6) func fewRounds(count: Int) throws {
        for stream in 0..<20 {
            let rounds = try plan(.interactive, rounds: count).rounds(stream: UInt64(stream))
            #expect(rounds.count == count)
            #expect(rounds.count(where: \.addsClicks) == [0, 0, 1, 1, 1, 2, 3][count])
        }
    }

    @Test func microSAMsRounds() throws {
        var fed = 0
        for stream in 0..<300 {
            let rounds = try plan(.microSAM) { $0.maskProbability = 0.25 }.rounds(stream: UInt64(stream))
            #expect(rounds.count == 8 && rounds.dropFirst().allSatisfy { $0.addsClicks })
            #expect(!rounds[0].addsClicks && !rounds[0].feedsMask)
            fed += rounds.count(where: \.feedsMask)
        }
        // Of 2100 a quarter, to five standard deviations.
        #expect(abs(fed - 525) < 5 * 20)
    }

    /// From given weights micro-sam's protocol is the default, from random ones a single prompt.
    @Test func theDefaultFollowsTheWeights() throws {
        var configuration = TrainingConfiguration()
        let model = TrainingFixture.configuration
        let fromScratch = try PromptPlan(configuration, model: model)
        #expect(fromScratch == .single(model))
        configuration.weights = "some.safetensors"
        let plan = try PromptPlan(configuration, model: model)
        #expect(plan.promptProtocol == .microSAM && plan.roundCount == 8)
    }

    @Test func whatCannotBeIsRefused() throws {
        let single = try #require(throws: TrainingError.self) { try plan(.single, rounds: 3) }
        #expect(single.code == .configuration && single.message.contains("interactive or micro-sam"))
        let many = try #require(throws: TrainingError.self) {
            try plan(.microSAM, rounds: 8, family: .efficientSAM)
        }
        #expect(many.code == .configuration && many.message.contains("6 points") && many.message.contains("5 rounds"))
        let one = try plan(.single, rounds: 1)
        #expect(one.roundCount == 1)
    }

    /// A model without mask prompts gets no round that would ask the same again.
    @Test(arguments: [PromptProtocol.interactive, .microSAM])
    func modelsWithoutMasks(prompts: PromptProtocol) throws {
        let plan = try plan(prompts, family: .efficientSAM)
        let rounds = plan.rounds(stream: 1)
        #expect(rounds.count == 5 && rounds.dropFirst().allSatisfy { $0.addsClicks && !$0.feedsMask })
        let three = try self.plan(prompts, rounds: 3, family: .efficientSAM)
        #expect(three.roundCount == 3)
    }

    // MARK: First prompts

    private let square: RLE = {
        var bitmap = Bitmap(height: 300, width: 400)
        for row in 100..<200 { for column in 120..<320 { bitmap[row, column] = true } }
        return RLE(bitmap)
    }()

    private func firstPrompts(
        _ prompts: PromptProtocol, boxes: Double = 0.5, noise: Double = 0.1, count: Int = 400
    ) -> [Prompt] {
        var configuration = TrainingConfiguration()
        configuration.prompts = prompts
        configuration.boxProbability = boxes
        configuration.boxNoise = noise
        let first = FirstPrompts(configuration)
        return (0..<count).map { place in
            var random = CounterRandom(seed: 2, sample: UInt64(place), purpose: RandomPurpose("first prompts"))
            return first.prompt(for: square, place: place, random: &random)
        }
    }

    @Test func imagesTakeTurnsInMicroSAM() {
        let halves = firstPrompts(.microSAM)
        for (place, prompt) in halves.enumerated() { #expect((prompt.box != nil) == (place % 2 == 1)) }
        #expect(firstPrompts(.microSAM, boxes: 0.25).count { $0.box != nil } == 100)
        #expect(firstPrompts(.microSAM, boxes: 0).allSatisfy { $0.points.count == 1 && $0.box == nil })
        #expect(firstPrompts(.microSAM, boxes: 1).allSatisfy { $0.points.isEmpty && $0.box != nil })
    }

    /// micro-sam's boxes grow by up to 2.5 % on each side, whatever the noise of the other protocols; theirs go both ways.
    @Test func microSAMsBoxesOnlyGrow() {
        let boxes = firstPrompts(.microSAM, boxes: 1, noise: 0.9).compactMap(\.box)
        for box in boxes {
            #expect((115.0...120).contains(box.x) && (97.5...100).contains(box.y))
            #expect((320.0...325).contains(box.maxX) && (200.0...202.5).contains(box.maxY))
        }
        #expect(boxes.contains { $0.x < 116 } && boxes.contains { $0.x > 119 })
        let noisy = firstPrompts(.interactive, boxes: 1).compactMap(\.box)
        #expect(noisy.contains { $0.x > 121 } && noisy.contains { $0.x < 114 })
    }

    /// The paper leaves out masks over 90 % of the image.
    @Test func masksOfNearlyEverythingAreLeftOut() {
        func accepts(_ prompts: PromptProtocol, _ rows: Int) -> Bool {
            var configuration = TrainingConfiguration()
            configuration.prompts = prompts
            var bitmap = Bitmap(height: 100, width: 10)
            for row in 0..<rows { for column in 0..<10 { bitmap[row, column] = true } }
            return FirstPrompts(configuration).accepts(RLE(bitmap))
        }
        #expect(accepts(.interactive, 90) && !accepts(.interactive, 91))
        #expect(accepts(.microSAM, 100) && accepts(.single, 100))
    }
}
