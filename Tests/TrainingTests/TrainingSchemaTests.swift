import JSONText
import TestSupport
import Testing
import Training

/// `schemas/train-config.schema.json` beside the reader of configurations: what one takes, the other takes.
@Suite struct TrainingSchemaTests {
    /// Whether the reader takes a document. JSON is YAML.
    private static func isRead(_ document: String) -> Bool {
        var configuration = TrainingConfiguration()
        return (try? configuration.apply(yaml: document)) != nil
    }

    private static func isValid(_ document: String) throws -> Bool {
        try JSONSchemaCheck("train-config").violations(of: JSONDocument.parse(document)).isEmpty
    }

    /// Values that are right, by key, as JSON.
    private static let right: [(key: String, values: [String])] = [
        ("shards", [#""a b""#, "2024", #""http://host/x""#]), ("val", ["null", #""b""#]),
        ("preset", [#""full""#, #""last-12-blocks""#, #""last-1-block""#, "null"]),
        ("train-only", ["[]", #"["a.*", "b"]"#, #""a,b""#, "null"]),
        ("unfreeze", [#"["2:image_encoder.neck", "4:last-4-blocks"]"#, #""1:a,2:b""#, "[]", "null"]),
        (
            "lora-targets",
            [#"["q", "k", "out=3", "mlp=8:2.5", "mask_decoder.*.weight=4:1e1", "decoder"]"#, #""q,v=2""#, "[]"]
        ), ("max-memory", ["4000000000", #""4GB""#, #""4G""#, #""512 MiB""#, #""0.5tb""#, "null"]),
        ("steps-at", ["[0.5, 0.8]", "[0.8, 0.5]", "0.5", #""0.5,.8,1""#, "[]", "null"]),
        ("learning-rates", [#"{"mask_decoder": 0.5}"#, #""a=1,b=.5e-1""#, "{}", "null"]),
        (
            "loss",
            [
                #"{"focal": 20, "dice": 1}"#, #""sam""#, #""dice-bce""#, #""focal=20,iou=1""#, #"{"tversky": 1e-3}"#,
                #""iou-l1=1,dice=.5""#, #"{"iou": 1}"#, #""iou=1""#, #"{"iou-l1": 0.5, "focal": 0}"#,
                #""iou-l1=1e-2,dice=0""#,
            ]
        ), ("prompts", [#""micro-sam""#, "null"]),
        ("shuffle", [#""none""#, #""global""#, #""window=2""#, #""window=1000000000""#]),
        ("skip-corrupt", [#""fail""#, #""skip""#, "0", "10", "5.0", "1e3"]),
        ("augment", [#""none""#, #"["none"]"#, #"["dihedral", "crop"]"#, #""crop""#, #""crop,photometric""#, "[]"]),
        ("track", [#""none""#, #"["none"]"#, #"["mlflow"]"#, #""wandb,tensorboard""#]),
        (
            "augment-steps",
            [
                #"["D4", {"Affine": {"rotate": 20}}]"#, "null", #""[D4]""#, #"{"steps": ["D4"], "min_area": 4}"#,
                #"{"augment": ["D4"]}"#, #"[{"CopyPaste": {"p": 0.5}}]"#,
            ]
        ), ("run-name", ["5", #""a""#, "null", "true"]), ("seed", ["0", "18446744073709551615"]),
        ("epochs", ["3", "3.0", "1e3"]), ("report", ["true", "false"]), ("learning-rate", ["1e-4", "null"]),
        ("focal-gamma", ["0", "0.5", "2", "2.75", "16"]),
    ]

    /// Values that are wrong.
    private static let wrong: [(key: String, values: [String])] = [
        ("shards", [#""""#, "null", "[]"]), ("val", [#""""#, "[]"]),
        ("preset", [#""half""#, #""last-0-blocks""#, #""last-x-blocks""#, #""last-1000000-blocks""#]),
        ("train-only", [#"[""]"#, #""a,,b""#, #"{"a": 1}"#]), ("freeze", [#""""#]),
        ("unfreeze", [#"["x:neck"]"#, #"["0:neck"]"#, #"["2:"]"#, #"["2000000:neck"]"#, #""neck""#, #""1:a,b""#]),
        (
            "lora-targets",
            [
                #"["w"]"#, #"["q=0"]"#, #"["q=9999"]"#, #"["q=x"]"#, #"["q=4:"]"#, #"["q=4:1:2"]"#, #"["q=4:0.0"]"#,
                #""q,,v""#,
            ]
        ),
        ("max-memory", [#""4XB""#, "0", #""0GB""#, #""much""#, "-1", #""GB""#]),
        ("steps-at", ["[0.5, 0.5]", "[1.5]", "2", #""0.5;0.8""#, #"["x"]"#]),
        ("learning-rates", [#"{"a": -1}"#, #""a""#, #"["a=1"]"#, #""a=x""#]),
        (
            "loss",
            [
                "null", #""dies""#, #"{"dies": 1}"#, #"{"focal": 0}"#, #"{"iou": 0, "dice": 0}"#, #""iou=0""#,
                #""dice=0.0""#,
                #""dice""#, #""iou=0,iou-l1=.0""#,
                #"["dice=1"]"#, #"{"dice": -1}"#, "{}",
            ]
        ), ("focal-gamma", ["-0.1", "16.5", "null", #""two""#]), ("prompts", [#""all""#]),
        ("shuffle", [#""window=1""#, #""window=""#, #""window=1000000001""#, "null"]),
        ("skip-corrupt", ["-1", #""some""#, "null"]),
        ("augment", [#""flip""#, "null", #"["none", "crop"]"#, #""none,crop""#]),
        ("track", ["null", #"["none", "mlflow"]"#, #""x""#]),
        ("augment-steps", [#"["D5"]"#, "[]", #"[{"Affine": {"rotat": 20}}]"#, #"{"steps": []}"#]),
        ("run-name", [#""""#, "[]"]), ("seed", ["-1", "20000000000000000000", "1.5"]),
        ("epochs", ["0", "1.5", "null", "true", "1000001"]), ("report", ["1", #""yes""#, "null"]),
        ("learning-rate", ["0", #""fast""#]), ("epoch", ["3"]),
    ]

    @Test func whatIsRightIsRightForBoth() throws {
        for (key, values) in Self.right {
            for value in values {
                let document = #"{"\#(key)": \#(value)}"#
                #expect(Self.isRead(document), "\(document) is not read")
                #expect(try Self.isValid(document), "\(document) is not valid")
            }
        }
    }

    @Test func whatIsWrongIsWrongForBoth() throws {
        for (key, values) in Self.wrong {
            for value in values {
                let document = #"{"\#(key)": \#(value)}"#
                #expect(!Self.isRead(document), "\(document) is read")
                #expect(try !Self.isValid(document), "\(document) is valid")
            }
        }
    }

    /// Of every number the schema's bounds are the reader's, and every choice it lists is one.
    @Test func boundsAndChoicesAreTheReaders() throws {
        let schema = try JSONDocument.read(path: Repository.root + "/schemas/train-config.schema.json")
        let properties = schema["properties"]?.object ?? []
        #expect(Set(properties.map(\.name)) == Set(TrainingConfiguration.keys.map(\.name)))
        var (numbers, choices) = (0, 0)
        for member in properties where member.name != "steps-at" && member.name != "seed" {
            let (key, rule) = (member.name, member.value)
            func isRead(_ value: String) -> Bool { Self.isRead(#"{"\#(key)": \#(value)}"#) }
            for choice in rule["enum"]?.array ?? [] {
                choices += 1
                #expect(isRead(choice.text()), "\(key): \(choice.text())")
            }
            let types = (rule["type"]?.array ?? [rule["type"] ?? .null]).compactMap(\.string)
            guard types.contains("integer") || types.contains("number"), !types.contains("string") else { continue }
            numbers += 1
            #expect(isRead("null") == types.contains("null"), "\(key): null")
            for (bound, open, step) in [("minimum", "exclusiveMinimum", -1), ("maximum", "exclusiveMaximum", 1)] {
                guard let limit = rule[bound] else {
                    // What has no bound on this side has an open one, or none.
                    #expect(
                        rule[open] != nil || bound == "maximum" && isRead("1e9"), "\(key)")
                    continue
                }
                #expect(isRead(limit.text()), "\(key): \(limit.text())")
                #expect(!isRead("\((limit.double ?? 0) + Double(step))"), "\(key): beyond \(limit.text())")
            }
            for bound in ["exclusiveMinimum", "exclusiveMaximum"] {
                if let limit = rule[bound] { #expect(!isRead(limit.text()), "\(key): \(limit.text())") }
            }
        }
        #expect(numbers > 40 && choices > 15)
    }
}
