import Annotations
import Pipeline
import Runtime
import TestSupport
import Testing

@Suite struct ExpressionTests {
    /// Conditions on the second of three objects, and whether they hold. It covers rows 2...11 and columns 4...23 of an
    /// image of 40 x 30.
    static let conditions: [(text: String, holds: Bool)] = [
        ("area == 200", true), ("area != 200", false), ("area > 199 and area < 201", true), ("area >= 200.5", false),
        ("width == 20 and height == 10", true), ("aspect == 2", true), ("fill == 1", true), ("x == 4 and y == 2", true),
        ("category == 'nucleus'", true), ("category in [\"cell\", 'debris']", false),
        ("category not in ['cell']", true), ("category_id == '2'", true), ("category_id in ['1','2']", true),
        ("iscrowd", false), ("not iscrowd", true), ("iscrowd == false", true), ("touches_border", false),
        ("score > 0.5", true), ("score in [0.75, 1]", true), ("-score < 0", true), ("id == '2'", true),
        ("image.width - image.height == 10", true), ("image.area / 100 == 12", true), ("image.objects * 2 == 6", true),
        ("image.aspect > 1.3 and image.aspect < 1.4", true), ("image.folder == 'folder'", true),
        ("image.file_name == 'folder/5.png'", true), ("image.id == '5'", true),
        ("true or area / 0 == 1", true), ("area / 0 == 1", false), ("not (area / 0 == 1)", true),
        ("false or true and false", false), ("(false or true) and true", true), ("not false and true", true),
        ("not not iscrowd", false), ("1 + 2 * 3 == 7", true), ("(1 + 2) * 3 == 9", true), ("10 - 2 - 3 == 5", true),
        ("8 / 2 / 2 == 2", true), ("- - 2 == 2", true), ("2 - -2 == 4", true), ("area in [1e2, 2e2]", true),
        ("area in [-200]", false), ("box_area == 200 and (category == 'x' or fill > .5)", true),
    ]

    @Test(arguments: conditions.indices)
    func conditionsHoldOrNot(index: Int) throws {
        let (text, holds) = Self.conditions[index]
        let sample = try StageFixture.sample([
            .init(rows: 0..<3, columns: 0..<3), .init(category: 2, rows: 2..<12, columns: 4..<24, score: 0.75),
            .init(category: 7, rows: 5..<6, columns: 39..<40, isCrowd: true),
        ])
        var settings = FilterSettings()
        settings.condition = try Expression(text, scope: .object)
        let (passed, _) = try StageFixture.run(FilterStage(settings), [sample])
        #expect(StageFixture.ids(passed.first).contains("2") == holds, "\(text)")
    }

    /// What is not known satisfies nothing, and its opposite neither.
    @Test func missingScoresSatisfyNoComparison() throws {
        let sample = try StageFixture.sample([.init(rows: 0..<3, columns: 0..<3)])
        for text in ["score > 0", "score <= 0", "score == 0", "score != 0", "score in [0]", "score + 1 > 0"] {
            var settings = FilterSettings()
            settings.condition = try Expression(text, scope: .object)
            #expect(try StageFixture.run(FilterStage(settings), [sample]).samples[0].objects.isEmpty, "\(text)")
        }
    }

    static let malformed: [(text: String, word: String)] = [
        ("", "a value is due, not the end at column 1"), ("area", "is a number, not a condition"),
        ("area >", "column 7"), ("area > 1 2", "one word too many at column 10"), ("aera > 1", "Did you mean 'area'?"),
        ("area = 1", "\"=\" is \"==\" here at column 6"), ("area > 'x'", "a number is compared with a text"),
        ("category > 'x'", "compares numbers"), ("area and iscrowd", "joins conditions"),
        ("category + 1 == 2", "reckons with numbers"), ("(area > 1", "\")\" is missing"),
        ("category in 'x'", "a list such as"), ("category in ['x'", "\",\" or \"]\" is due"),
        ("category in [1]", "a number in a list for a text"), ("area in [width]", "a list holds values"),
        ("category == 'x", "no closing quote"), ("area > 1..2", "is not a number"), ("area ? 1", "has no meaning"),
        ("not", "a value is due"), ("1e999 > 1", "is not a number"), ("area > 1 or", "a value is due"),
        ("iscrowd > true", "compares numbers"), ("área > 1", "has no meaning"), ("image.with > 1", "image.width"),
    ]

    @Test(arguments: malformed.indices)
    func mistakesAreNamed(index: Int) {
        let (text, word) = Self.malformed[index]
        let error = #expect(throws: PipelineError.self) { try Expression(text, scope: .object) }
        #expect(error?.code == .expression && error?.kind == .usage)
        #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }

    @Test func imagesHaveNoObjectsFields() throws {
        _ = try Expression("image.width > 1", scope: .image)
        let error = #expect(throws: PipelineError.self) { try Expression("area > 1", scope: .image) }
        #expect(error?.message.contains("is of objects") == true)
    }

    /// Length and depth are bounded.
    @Test func monstersAreRefused() {
        for text in [
            String(repeating: "(", count: 5000), String(repeating: "not ", count: 2000) + "true",
            String(repeating: "-", count: 5000) + "1 > 0", String(repeating: "a", count: 20_000),
        ] {
            #expect(throws: PipelineError.self) { try Expression(text, scope: .object) }
        }
    }

    /// Whatever is typed, there is an expression or an error.
    @Test func mutatedTextsNeverCrash() {
        let alphabet = Array("area<>=!()[]'\",.+-*/ 0123456789notandorinscoreé\u{0}\n")
        var random = CounterRandom(seed: 3, purpose: RandomPurpose("expressions"))
        var accepted = 0
        for _ in 0..<4000 {
            var text = Array(Self.conditions[random.index(below: Self.conditions.count)].text)
            for _ in 0...random.index(below: 4) {
                let place = random.index(below: text.count)
                switch random.index(below: 3) {
                case 0: text.remove(at: place)
                case 1: text.insert(alphabet[random.index(below: alphabet.count)], at: place)
                default: text[place] = alphabet[random.index(below: alphabet.count)]
                }
                if text.isEmpty { text = ["a"] }
            }
            if (try? Expression(String(text), scope: .object)) != nil { accepted += 1 }
        }
        #expect(accepted > 100)
    }
}
