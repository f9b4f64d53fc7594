import JSONText
import Metrics
import Runtime
import Shards
import TestSupport
import Testing
import Training

@Suite struct EvaluationComparisonTests {
    private let before = EvaluationFixture.evaluation(
        "before", box: { 0.5 + 0.01 * Double($0 % 5) }, clicks: { [0.4, 0.82, $0 < 6 ? 0.86 : 0.82] })
    /// Better with boxes, each by a little over 0.2; large objects are worse with a point.
    private let after = EvaluationFixture.evaluation(
        "after", box: { 0.7 + 0.02 * Double($0 % 4) },
        clicks: { [$0 % 2 == 0 ? 0.6 : 0.3 - 0.001 * Double($0), 0.7, 0.9] })

    private func comparison() throws -> EvaluationComparison {
        try EvaluationComparison(after, before: before, classes: EvaluationFixture.classes)
    }

    @Test func everyFigureIsTheMeanOfItsRows() throws {
        let comparison = try comparison()
        for line in comparison.lines {
            let chosen = after.rows.indices.filter { line.part.contains(after.rows[$0]) }
            #expect(line.objects == chosen.count && line.images == Set(chosen.map { $0 / 2 }).count)
            for metric in MaskMetric.allCases {
                let change = try #require(line.changes[metric])
                let pairs = chosen.compactMap { index -> (Double, Double)? in
                    guard let a = before.rows[index][line.form]?[metric], let b = after.rows[index][line.form]?[metric]
                    else { return nil }
                    return (a, b)
                }
                let count = Double(pairs.count)
                let (first, second) = (pairs.map(\.0).reduce(0, +) / count, pairs.map(\.1).reduce(0, +) / count)
                #expect(abs(try #require(change.before).mean - first) < 1e-12)
                #expect(abs(try #require(change.after).mean - second) < 1e-12)
                #expect(abs(try #require(change.difference).mean - (second - first)) < 1e-12)
                let expected = ClusterBootstrap().interval(
                    of: chosen.map { index -> Double? in
                        guard let a = before.rows[index][line.form]?[metric],
                            let b = after.rows[index][line.form]?[metric]
                        else { return nil }
                        return b - a
                    }, clusters: chosen.map { $0 / 2 })
                #expect(change.difference == expected)
            }
        }
        // All forms of all objects; two sizes and two classes for a box, a point and the most clicks.
        #expect(comparison.lines.count == 4 + 3 * 2 + 3 * 2)
        let one = try EvaluationComparison(after, before: nil, classes: [EvaluationFixture.classes[0]])
        #expect(one.lines.count == 4 + 3 * 2 && one.lines.allSatisfy { $0.changes[.dice]?.difference == nil })
        #expect(one.verdict == nil && one.losses.isEmpty && one.sentence.hasPrefix("Dice 0."))
    }

    @Test func clicksToReachAreCountedAndCapped() throws {
        let lines = try comparison().clickLines
        #expect(lines.map(\.threshold) == [0.8, 0.85, 0.9])
        // Before, 0.8 takes two clicks everywhere; 0.85 takes three for half and never for the others.
        #expect(lines[0].clicks.before?.mean == 2 && lines[0].clicks.after?.mean == 3)
        #expect(lines[1].failuresBefore == 6 && lines[1].failuresAfter == 0 && lines[1].clicks.before?.mean == 3)
        #expect(lines[2].failuresBefore == 12 && lines[2].clicks.difference?.mean == 0)
        #expect(
            try EvaluationComparison(EvaluationFixture.evaluation("x", box: { _ in 1 }), before: nil, classes: [])
                .clickLines.isEmpty)
    }

    @Test func theVerdictAndTheLossesAreSaid() throws {
        let comparison = try comparison()
        #expect(comparison.verdict == .better && comparison.sentence.hasPrefix("Better: Dice 0."))
        #expect(comparison.sentence.hasSuffix("with boxes, on 12 objects in 6 images."))
        let losses = comparison.losses
        #expect(losses.contains { $0.contains("with one point, large objects") && $0.contains("-0.") }, "\(losses)")
        #expect(losses.contains { $0.contains("with 2 clicks:") }, "\(losses)")
        #expect(losses.contains { $0.contains("class <b>&\"wall'") }, "\(losses)")
        #expect(!losses.contains { $0.contains("with boxes") }, "\(losses)")
        let turned = try EvaluationComparison(before, before: after, classes: EvaluationFixture.classes)
        #expect(turned.verdict == .worse && turned.sentence.hasPrefix("Worse: "))
        #expect(turned.losses.contains { $0.hasPrefix("Worse than before with boxes: Dice") && $0.contains("HD95") })
        // One image gives no interval; what falls deep in it is told all the same.
        func single(_ iou: Double) -> Evaluation {
            EvaluationFixture.evaluation("one", objects: 2, box: { _ in iou })
        }
        let fallen = try EvaluationComparison(single(0.1), before: single(0.7), classes: [])
        #expect(fallen.losses.contains { $0.hasPrefix("Worse than before with boxes: Dice") }, "\(fallen.losses)")
        #expect(try EvaluationComparison(single(0.65), before: single(0.7), classes: []).losses.isEmpty)
        let same = try EvaluationComparison(after, before: after, classes: [])
        #expect(same.verdict == .same && same.losses.isEmpty)
        #expect(same.sentence.contains("(0.000 [0.000, 0.000])"))
    }

    /// What changed by next to nothing is no verdict, and what few images say is told with its number, and not marked.
    @Test func littleAndFewAreNotMoreThanTheyAre() throws {
        func comparison(_ objects: Int, by gain: Double) throws -> EvaluationComparison {
            let before = EvaluationFixture.evaluation("before", objects: objects, box: { 0.6 + 0.001 * Double($0) })
            let after = EvaluationFixture.evaluation(
                "after", objects: objects, box: { 0.6 + gain + 0.001 * Double($0) })
            return try EvaluationComparison(after, before: before, classes: EvaluationFixture.classes)
        }
        func marks(_ comparison: EvaluationComparison) -> Int {
            comparison.tables.reduce(0) {
                $0 + $1.rows.joined().count { $0.verdict == .better || $0.verdict == .worse }
            }
        }
        let little = try comparison(12, by: 0.002)
        #expect(little.verdict == .same && little.sentence.hasPrefix("No clear change: Dice"), "\(little.sentence)")
        let much = try comparison(12, by: 0.05)
        #expect(much.verdict == .better && much.sentence.hasPrefix("Better: Dice") && marks(much) > 0)
        let few = try comparison(6, by: 0.05)
        #expect(
            few.verdict == .better && few.sentence.hasPrefix("Better, as far as 3 images tell: Dice"), "\(few.sentence)"
        )
        #expect(marks(few) == 0)
        #expect(marks(try comparison(6, by: 0.3)) > 0)
    }

    /// Of a class or a size in few images a deep drop is told, and noise is not.
    @Test(arguments: [(0.1, false), (0.35, true)]) func deepDropsOfFewImagesAreSaid(drop: Double, isSaid: Bool) throws {
        // Six objects in three images.
        let before = EvaluationFixture.evaluation("before", objects: 6, box: { 0.8 + 0.001 * Double($0) })
        let after = EvaluationFixture.evaluation("after", objects: 6, box: { 0.8 - drop + 0.001 * Double($0) })
        let losses = try EvaluationComparison(after, before: before, classes: EvaluationFixture.classes).losses
        #expect(losses.contains { $0.contains("with boxes: ") && $0.contains("in 3 images") }, "\(losses)")
        #expect(losses.contains { $0.contains("large objects") } == isSaid, "\(losses)")
        // What is no warning is listed all the same; what is one is not listed again.
        let lesser = try EvaluationComparison(after, before: before, classes: EvaluationFixture.classes).lesserLosses
        #expect(
            lesser.contains { $0.hasPrefix("large objects with boxes: ") && $0.contains("Dice -0.") } != isSaid,
            "\(lesser)")
        #expect(try EvaluationComparison(before, before: before, classes: []).lesserLosses.isEmpty)
    }

    /// The report has every measure of each class and size, and what has no mask.
    @Test func tablesHaveEveryMeasure() throws {
        var emptied = after
        emptied.rows[3].box.hausdorff95 = nil
        let tables = try EvaluationComparison(emptied, before: before, classes: EvaluationFixture.classes).tables
        for caption in ["By size", "By class"] {
            let table = try #require(tables.first { $0.caption.hasPrefix(caption) })
            #expect(
                table.columns.suffix(3) == MaskMetric.allCases.filter { $0 != .dice }.map(\.title), "\(table.columns)")
            #expect(table.rows.allSatisfy { row in row.suffix(3).allSatisfy { $0.text.contains("\u{2192}") } })
        }
        #expect(tables[0].rows.contains { $0.map(\.text).dropFirst() == ["objects without a mask", "0", "1", "+1"] })
    }

    @Test func otherObjectsCannotBeCompared() {
        let fewer = EvaluationFixture.evaluation("before", objects: 10, box: { _ in 0.5 })
        let clicks = EvaluationFixture.evaluation("before", box: { _ in 0.5 }, clicks: { _ in [0.5, 0.5] })
        for other in [fewer, clicks] {
            let error = #expect(throws: TrainingError.self) {
                try EvaluationComparison(after, before: other, classes: [])
            }
            #expect(error?.code == .data)
        }
    }

    // MARK: Files

    @Test func recordsReadBackAsTheyWere() throws {
        var evaluation = after
        evaluation.remarks = ["a \"remark\""]
        evaluation.rows[0].boxMask = "0a1"
        evaluation.rows[3].box.hausdorff95 = nil
        for automatic in [nil, AutomaticMaskCheck(images: 2, objects: 9, masks: 4, meanBestIoU: 0.5, recall: 0.25)] {
            let record = EvaluationFixture.record(
                evaluation, automatic: automatic, latency: automatic == nil ? nil : EvaluationFixture.latency)
            let json = record.json(comparison: try comparison())
            #expect(try JSONSchemaCheck("evaluation").violations(of: json) == [])
            let read = try EvaluationRecord(json: try JSONDocument.parse(json.text()), path: "after.json")
            #expect(read == record)
        }
    }

    /// Whatever is missing or wrong is an error that names it, never a crash.
    @Test func damagedRecordsAreErrors() throws {
        let record = EvaluationFixture.record(
            EvaluationFixture.evaluation("before", objects: 2, box: { _ in 0.5 }),
            automatic: AutomaticMaskCheck(images: 1, objects: 1, masks: 1, meanBestIoU: 1, recall: 1),
            latency: EvaluationFixture.latency)
        var damaged = 0
        for wrong in [JSONValue.null, "text", -1, 1e300, [], .object([JSONMember]())] {
            for variant in Self.variants(of: record.json(), wrong) {
                do {
                    let read = try EvaluationRecord(json: variant, path: "x.json")
                    // What may be missing, or has no limits, is read as it stands.
                    #expect(read.evaluation.rows.allSatisfy { !$0.clicks.isEmpty })
                } catch {
                    damaged += 1
                    #expect(error.code == .checkpoint && error.location?.path == "x.json")
                }
            }
        }
        #expect(damaged > 200)
    }

    /// The value with one part at a time replaced.
    private static func variants(of value: JSONValue, _ wrong: JSONValue) -> [JSONValue] {
        var results = [wrong]
        if let members = value.object {
            for (index, member) in members.enumerated() {
                for changed in variants(of: member.value, wrong) {
                    var copy = members
                    copy[index].value = changed
                    results.append(.object(copy))
                }
            }
        }
        if let elements = value.array {
            for (index, element) in elements.enumerated() {
                for changed in variants(of: element, wrong) {
                    var copy = elements
                    copy[index] = changed
                    results.append(.array(copy))
                }
            }
        }
        return results
    }

    // MARK: Automatic masks

    /// What was tried on other images is nothing to compare with.
    @Test func automaticMasksOfOtherImagesAreNotCompared() throws {
        let directory = try TemporaryDirectory()
        try TrainingFixture.write(try TrainingFixture.samples(6), to: directory.file("set"))
        let set = try ShardSet(path: directory.file("set"))
        func compared(_ earlier: (Int, Int)) throws -> RunComparison {
            func record(_ evaluation: Evaluation, _ looked: (Int, Int), _ recall: Double) -> EvaluationRecord {
                EvaluationFixture.record(
                    evaluation,
                    automatic: AutomaticMaskCheck(
                        images: looked.0, objects: looked.1, masks: 3, meanBestIoU: recall, recall: recall))
            }
            return try RunComparison(
                before: record(before, earlier, 0.9), after: record(after, (4, 8), 0.2), set: set,
                subset: EvaluationSubset(set))
        }
        #expect(try compared((4, 8)).before?.automatic != nil)
        #expect(try compared((4, 8)).warnings.contains { $0.contains("Automatic masks find fewer") })
        #expect(try compared((2, 4)).before?.automatic == nil)
        #expect(try !compared((2, 4)).warnings.contains { $0.contains("Automatic masks") })
    }

    /// A model that is worse after the clicks that correct it has not learnt what they mean.
    @Test(arguments: [([0.6, 0.4, 0.3], true), ([0.6, 0.5, 0.59], false), ([0.6, 0.7, 0.8], false), ([0.6], false)])
    func clicksThatMakeMasksWorseAreNoted(ious: [Double], isNoted: Bool) throws {
        let directory = try TemporaryDirectory()
        try TrainingFixture.write(try TrainingFixture.samples(6), to: directory.file("set"))
        let set = try ShardSet(path: directory.file("set"))
        let evaluation = EvaluationFixture.evaluation("after", box: { _ in 0.7 }, clicks: { _ in ious })
        let remarks = try RunComparison(
            before: nil, after: EvaluationFixture.record(evaluation), set: set, subset: EvaluationSubset(set)
        ).remarks.filter { $0.contains("clicks that correct") }
        #expect(remarks.count == (isNoted ? 1 : 0))
        if isNoted {
            #expect(remarks[0].contains("0.600 with one, 0.300 with 3") && remarks[0].contains("micro-sam"))
        }
    }

    @Test func automaticMasksAreWarnedOf() {
        func check(_ masks: Int, _ recall: Double, skipped: String? = nil) -> AutomaticMaskCheck {
            AutomaticMaskCheck(
                images: 2, objects: 40, masks: masks, meanBestIoU: recall, recall: recall, skipped: skipped)
        }
        #expect(check(30, 0.7).warning(before: check(40, 0.72)) == nil)
        #expect(check(30, 0.7).warning(before: nil) == nil)
        #expect(check(0, 0).warning(before: check(40, 0.7))?.contains("70 % before") == true)
        #expect(check(0, 0).warning(before: nil)?.contains("0 %") == true)
        #expect(check(10, 0.3).warning(before: check(40, 0.7))?.contains("70 % -> 30 %") == true)
        // What never worked was not broken by training.
        #expect(check(0, 0).warning(before: check(1, 0.01)) == nil)
        #expect(check(0, 0, skipped: "no").warning(before: check(40, 0.7)) == nil)
    }
}
