import JSONText
import Pipeline
import TestSupport
import Testing

/// `schemas/pipeline.schema.json` says what files of stages may hold, no more and no less: both are walked.
@Suite struct PipelineSchemaTests {
    /// Every entry of a file with its keys, as the tool reads them.
    static let entries: [(name: String, keys: [String])] =
        StageCatalogue.builtIn.types.map { ($0.name, $0.keys) }
        + PipelineFile.settingKeys.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }

    /// Settings without which another is not looked at.
    private static let companions = [
        "quality": ["against": "b.json"], "augment": ["steps": "[D4]"], "deduplicate": ["by": "perceptual"],
        "split": ["parts": "{a: 1}"], "tile": ["size": "64"], "resize": ["longest-side": "64"],
        "categories": ["keep": "a"],
    ]

    private let definitions: JSONValue

    init() throws {
        let schema = try JSONDocument.read(path: Repository.root + "/schemas/pipeline.schema.json")
        definitions = try #require(schema["$defs"])
    }

    /// What the tool says of a file; nil when it takes it.
    private static func refusal(of text: String) -> String? {
        var options = ConversionOptions(input: "x.json", images: ".", output: "out")
        do {
            try PipelineFile(text: text, path: nil).configure(&options)
            return nil
        } catch let error as PipelineError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test func namesAndKeysAreTheSame() {
        let names = Set(Self.entries.map(\.name))
        #expect(Set((definitions["stage"]?["properties"]?.object ?? []).map(\.name)) == names)
        #expect(Set((definitions.object ?? []).map(\.name)) == names.union(["list", "name", "stage"]))
        for (name, keys) in Self.entries {
            let schema = definitions[name]
            #expect(Set((schema?["properties"]?.object ?? []).map(\.name)) == Set(keys), "\(name)")
            #expect(schema?["additionalProperties"]?.bool == false, "\(name)")
        }
    }

    /// A value that no key takes makes the tool say what it wants: the schema wants the same, with the same words and bounds.
    @Test(arguments: entries.flatMap { entry in entry.keys.map { "\(entry.name).\($0)" } })
    func valuesAreTheSame(place: String) throws {
        let parts = place.split(separator: ".").map(String.init)
        let (name, key) = (parts[0], parts[1])
        let schema = try #require(definitions[name]?["properties"]?[key])
        var settings = Self.companions[name] ?? [:]
        settings[key] = "[[]]"
        let text = settings.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        let refusal = try #require(Self.refusal(of: "[{\(name): {\(text)}}]"))
        if let reference = (schema["$ref"] ?? schema["anyOf"]?[0]?["$ref"])?.string {
            // Steps and what belongs to them have a schema of their own, which is made of what is read.
            #expect(reference == "augmentation.schema.json#/$defs/chain/properties/\(key)")
            #expect(name == "augment" && refusal.contains("wanted:") || key == "steps", "\(refusal)")
            return
        }
        let words = try #require(refusal.wholeMatch(of: /.*: (\S+) must be (.*), not a list\..*/), "\(refusal)")
        #expect(String(words.1) == key)
        let wanted = String(words.2)
        func types(_ schema: JSONValue) -> Set<String> {
            Set((schema["type"]?.array ?? [schema["type"] ?? .null]).compactMap(\.string)).subtracting(["null"])
        }
        if let bounds = wanted.wholeMatch(of: /a (whole )?number from (\S+) to (\S+)/) {
            #expect(types(schema) == [bounds.1 == nil ? "number" : "integer"])
            #expect(schema["minimum"]?.double == Double(bounds.2) && schema["maximum"]?.double == Double(bounds.3))
        } else if wanted.hasPrefix("one of ") {
            let choices = wanted.dropFirst("one of ".count).split(separator: ", ").map(String.init)
            #expect(schema["enum"]?.array?.compactMap(\.string) == choices)
        } else {
            switch wanted {
            case "true or false": #expect(types(schema) == ["boolean"])
            case "a text": #expect(types(schema).contains("string") && !types(schema).contains("array"))
            case "a list of texts":
                let forms = (schema["anyOf"]?.array ?? []).map(types)
                #expect(forms.contains(["array"]) && forms.contains { $0.contains("string") })
            case "a mapping `name: value`": #expect(types(schema) == ["object"])
            default: Issue.record("\(place): the tool wants \(wanted), which this test does not know")
            }
        }
    }

    /// What a stage cannot do without, and that nothing is as good as not stated.
    @Test(arguments: entries.map(\.name))
    func whatIsNeededIsTheSame(name: String) throws {
        let check = try JSONSchemaCheck("pipeline")
        let forms: [(yaml: String, value: JSONValue)] = [
            ("[\(name)]", [.string(name)]), ("[{\(name): }]", [.object([JSONMember(name, .null)])]),
            ("[{\(name): {}}]", [.object([JSONMember(name, .object([]))])]),
        ]
        for (yaml, value) in forms {
            let refusal = Self.refusal(of: yaml)
            let violations = check.violations(of: value)
            #expect((refusal == nil) == violations.isEmpty, "\(yaml): \(refusal ?? "taken"), \(violations)")
        }
        let keys = Self.entries.first { $0.name == name }?.keys ?? []
        for key in keys {
            let settings: JSONValue = .object([JSONMember(name, .object([JSONMember(key, .null)]))])
            let refusal = Self.refusal(of: "[{\(name): {\(key): }}]")
            // Alternatives of which one is wanted are told by their keys, whatever these hold.
            if refusal != nil, ["tile", "resize", "categories"].contains(name) { continue }
            #expect(
                (refusal == nil) == check.violations(of: [settings]).isEmpty, "\(name).\(key): \(refusal ?? "taken")")
        }
        #expect(!check.violations(of: [["filter": [:], "encode": [:]]]).isEmpty)
    }

    @Test func settingsThatGoTogether() throws {
        let check = try JSONSchemaCheck("pipeline")
        for (settings, isValid) in [
            (["size": 64], true), (["width": 64], false), (["width": 64, "height": 32], true), ([:], false),
        ] as [(JSONValue, Bool)] {
            #expect(check.violations(of: [["tile": settings]]).isEmpty == isValid, "\(settings.text())")
        }
        for (steps, isValid) in [
            (["D4", ["Affine": ["rotate": 5]]], true), (["D5"], false), ([["Affine": ["rotat": 5]]], false),
            ([], false),
        ] as [(JSONValue, Bool)] {
            #expect(check.violations(of: [["augment": ["steps": steps]]]).isEmpty == isValid, "\(steps.text())")
        }
        #expect(!check.violations(of: [["resize": ["width": 5, "height": 5, "longest-side": 7]]]).isEmpty)
    }
}
