import Foundation
import Masks
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

/// Targets of the boundary loss, and of masks that are compared at full resolution.
@Suite struct MaskTargetsTests {
    private let frame = ImageFrame(height: 48, width: 64, imageSize: 64)

    private func object(_ isInside: (Int, Int) -> Bool) -> TrainingObject {
        var bitmap = Bitmap(height: 48, width: 64)
        for row in 0..<48 { for column in 0..<64 where isInside(row, column) { bitmap[row, column] = true } }
        let label = RLE(bitmap)
        return TrainingObject(
            prompt: Prompt(), target: MaskCoverage(of: label, height: 16, width: 16, cellHeight: 4, cellWidth: 4),
            label: label)
    }

    private func objective(_ change: (inout TrainingConfiguration) -> Void) -> MaskObjective {
        var configuration = TrainingConfiguration()
        configuration.loss = LossWeights(focal: 0, dice: 1, iou: 0)
        change(&configuration)
        return MaskObjective(configuration)
    }

    // MARK: Boundary

    /// Against distances to every cell of the other side, tried one by one.
    @Test func boundaryWeightsAreDistances() throws {
        let object = object { ($0 - 20) * ($0 - 20) + ($1 - 30) * ($1 - 30) < 140 || $0 > 40 && $1 < 12 }
        let targets = MaskTargets([object], for: objective { $0.loss.boundary = 1 }, frame: frame)
        let weights = try #require(targets.boundaryWeights).values
        let inside = object.target.values.map { $0 > 0.5 }
        let distances = (0..<256).map { cell -> Double in
            let others = (0..<256).filter { inside[$0] != inside[cell] }
            let squares = others.map { other -> Int in
                let (dy, dx) = (other / 16 - cell / 16, other % 16 - cell % 16)
                return dy * dy + dx * dx
            }
            return (Double(squares.min() ?? 0).squareRoot() - 0.5) * (inside[cell] ? -1 : 1)
        }
        let outer = distances.filter { $0 > 0 }.reduce(0, +)
        let inner = -distances.filter { $0 < 0 }.reduce(0, +)
        for (weight, distance) in zip(weights, distances) {
            #expect(abs(Double(weight) - distance / (2 * (distance > 0 ? outer : inner))) < 1e-6)
        }
    }

    /// 0 for the label, 1 for its opposite, whatever the object's size; a far mistake costs more than a near one.
    @Test(arguments: [2, 6, 20]) func theBoundaryLossComparesSizes(radius: Int) {
        let object = object { ($0 - 24) * ($0 - 24) + ($1 - 24) * ($1 - 24) < radius * radius }
        let objective = objective { $0.loss.boundary = 1 }
        let targets = MaskTargets([object], for: objective, frame: frame)
        let level = object.target.objectLevel
        func loss(_ isInside: (Int, Bool) -> Bool) -> Double {
            let logits = object.target.values.enumerated().map { isInside($0, $1 > level) ? Float(30) : -30 }
            let output = MaskDecoder.Output(
                lowResMasks: Tensor(logits, shape: [1, 1, 16, 16]), iouPredictions: Tensor(zeros: [1, 1]))
            return objective(output, targets: targets).terms.boundary
        }
        #expect(abs(loss { $1 }) < 1e-5 && abs(loss { !$1 } - 1) < 1e-5)
        // One cell too many: in the far corner, or right below the object.
        let below = 7 * 16 + 6 + (radius / 4 + 1) * 16
        #expect(loss { $0 == 255 || $1 } > loss { $0 == below || $1 })
    }

    @Test func withoutAnObjectOrAnythingElseThereIsNoBoundary() throws {
        let objective = objective { $0.loss.boundary = 1 }
        for object in [object { _, _ in false }] {
            let weights = MaskTargets([object], for: objective, frame: frame).boundaryWeights
            #expect(try #require(weights).values.allSatisfy { $0 == 0 })
        }
        #expect(
            MaskTargets([object { _, _ in true }], for: self.objective { _ in }, frame: frame).boundaryWeights == nil)
    }

    // MARK: Points

    private func logits(_ prompts: Int, _ masks: Int, sample: UInt64) -> Tensor {
        var random = CounterRandom(seed: 6, sample: sample, purpose: RandomPurpose("points test"))
        return Tensor(
            (0..<prompts * masks * 256).map { _ in Float(random.normal() * 2) }, shape: [prompts, masks, 16, 16])
    }

    private func streams(_ count: Int, sample: UInt64 = 0) -> [CounterRandom] {
        (0..<count).map {
            CounterRandom(seed: sample, sample: UInt64($0), purpose: RandomPurpose("points test streams"))
        }
    }

    /// With equal logits no place is preferred: the mean over many places is that over all pixels of the label.
    @Test func placesAreSpreadOverTheWholeImage() {
        let object = object { $0 > 20 && $1 < 39 }
        let objective = objective { $0.lossPoints = 20_000 }
        let output = MaskDecoder.Output(
            lowResMasks: Tensor(repeating: 1, shape: [1, 1, 16, 16]), iouPredictions: Tensor(zeros: [1, 1]))
        let terms = objective(
            output, targets: MaskTargets([object], for: objective, frame: frame), random: streams(1)
        ).terms
        let share = Double(object.label.area) / (48 * 64)
        let expected = share * log(1 + exp(-1)) + (1 - share) * log(1 + exp(1))
        #expect(abs(terms.bce - expected) < 2e-3 * expected, "\(terms.bce) for \(expected)")
    }

    /// Places of image and mask belong together: a mask that fits its label in cells fits at places, one beside it does not.
    @Test(arguments: [(48, 64), (100, 40), (31, 200)])
    func placesOfMaskAndLabelAgree(height: Int, width: Int) {
        let frame = ImageFrame(height: height, width: width, imageSize: 64)
        let (cellHeight, cellWidth) = (4 / frame.scaleY, 4 / frame.scaleX)
        let objective = objective { $0.lossPoints = 500 }
        func dice(shift: Int) -> Double {
            var bitmap = Bitmap(height: height, width: width)
            for row in 0..<height {
                for column in 0..<width
                where (1..<3).contains(Int((Double(row) + 0.5) / cellHeight))
                    && (1..<3).contains(Int((Double(column) + 0.5) / cellWidth))
                { bitmap[row, column] = true }
            }
            let label = RLE(bitmap)
            let coverage = MaskCoverage(
                of: label, height: 16, width: 16, cellHeight: cellHeight, cellWidth: cellWidth)
            let logits = (0..<256).map { cell in
                (1 + shift..<3 + shift).contains(cell / 16) && (1..<3).contains(cell % 16) ? Float(20) : -20
            }
            let output = MaskDecoder.Output(
                lowResMasks: Tensor(logits, shape: [1, 1, 16, 16]), iouPredictions: Tensor(zeros: [1, 1]))
            let object = TrainingObject(prompt: Prompt(), target: coverage, label: label)
            return objective(
                output, targets: MaskTargets([object], for: objective, frame: frame), random: streams(1)
            ).terms.dice
        }
        #expect(dice(shift: 0) < 0.35 && dice(shift: 1) > dice(shift: 0) + 0.2, "\(dice(shift: 0)), \(dice(shift: 1))")
    }

    /// Places near the threshold are preferred: most compared logits are among the lowest.
    @Test func gradientsGatherWhereTheMaskIsUnsure() throws {
        let objective = objective {
            $0.lossPoints = 60
            $0.loss = LossWeights(focal: 0, dice: 0, iou: 0, bce: 1)
        }
        let targets = MaskTargets([object { $0 < 24 && $1 < 32 }], for: objective, frame: frame)
        // Unsure in the left column of cells alone.
        let values = (0..<256).map { $0 % 16 == 0 ? Float(0) : 20 }
        let leaf = Tensor(values, shape: [1, 1, 16, 16]).asLeaf()
        let result = objective(
            MaskDecoder.Output(lowResMasks: leaf, iouPredictions: Tensor(zeros: [1, 1])), targets: targets,
            random: streams(1))
        backward(result.loss)
        let gradient = try #require(leaf.gradient).values
        let touched = gradient.indices.filter { gradient[$0] != 0 && $0 % 16 < 2 }
        #expect(touched.count > 12)
        #expect(
            gradient.indices.allSatisfy { $0 / 16 < 13 || gradient[$0] == 0 },
            "of the padding the edge alone is compared")
    }

    /// The places stand still while logits move a little, as long as their order by magnitude holds: with so few logits near
    /// zero the slope is that of differences.
    @Test func gradientIsThatOfFiniteDifferences() throws {
        let objective = objective {
            $0.lossPoints = 50
            $0.loss = LossWeights(focal: 2, dice: 1, iou: 0, bce: 1, boundary: 0.5, tversky: 1)
        }
        let objects = [object { $0 < 24 && $1 < 32 }, object { row, _ in row > 24 }]
        let targets = MaskTargets(objects, for: objective, frame: frame)
        // All candidates equally sure but for the sign: the first ones are taken, and moves change no more than the few at hand.
        let values = logits(2, 1, sample: 1).values.map { $0 > 0 ? Float(1) + $0 / 100 : -1 + $0 / 100 }
        func loss(_ values: [Float]) -> Double {
            let output = MaskDecoder.Output(
                lowResMasks: Tensor(values, shape: [2, 1, 16, 16]), iouPredictions: Tensor(zeros: [2, 1]))
            return objective(output, targets: targets, random: streams(2)).terms.total
        }
        let leaf = Tensor(values, shape: [2, 1, 16, 16]).asLeaf()
        backward(
            objective(
                MaskDecoder.Output(lowResMasks: leaf, iouPredictions: Tensor(zeros: [2, 1])), targets: targets,
                random: streams(2)
            ).loss)
        let gradient = try #require(leaf.gradient).values
        let scale = Double(gradient.map(abs).max() ?? 0)
        var close = 0
        let checked = stride(from: 0, to: 512, by: 5)
        for index in checked {
            func moved(_ step: Float) -> Double {
                var changed = values
                changed[index] += step
                return loss(changed)
            }
            let slope = (moved(2e-3) - moved(-2e-3)) / 4e-3
            if abs(slope - Double(gradient[index])) < 0.02 * scale { close += 1 }
        }
        // Where a move makes another place the unsure one the loss jumps; that is rare.
        #expect(close > 90 && Array(checked).count == 103, "\(close) of 103")
    }

    @Test func pointsOfAStreamAreTheSameAndOthersDiffer() {
        let objective = objective { $0.lossPoints = 40 }
        let objects = [object { $0 < 24 && $1 < 32 }, object { row, _ in row > 24 }]
        let targets = MaskTargets(objects, for: objective, frame: frame)
        let output = MaskDecoder.Output(lowResMasks: logits(2, 3, sample: 2), iouPredictions: Tensor(zeros: [2, 3]))
        let results = atEveryWorkerCount { objective(output, targets: targets, random: streams(2)).terms }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(objective(output, targets: targets, random: streams(2, sample: 1)).terms != results[0])
        // The IoU is that of the grid, whatever the places.
        let onGrid = self.objective { _ in }(output, targets: targets).terms
        #expect(onGrid.iou == results[0].iou)
    }
}
