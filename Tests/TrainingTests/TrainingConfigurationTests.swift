import Runtime
import TestSupport
import Testing
import Training

@Suite struct TrainingConfigurationTests {
    private func parsed(_ yaml: String) throws -> TrainingConfiguration {
        var configuration = TrainingConfiguration()
        try configuration.apply(yaml: yaml, path: "train.yaml")
        return configuration
    }

    @Test func anEmptyDocumentIsTheDefaults() throws {
        #expect(try parsed("") == TrainingConfiguration())
        #expect(try parsed("# only a remark\n") == TrainingConfiguration())
    }

    @Test func keysSetTheirFields() throws {
        let configuration = try parsed(
            """
            shards: data/train
            val: data/val
            model: vit_b
            weights: "null"
            train-only: ["mask_decoder.*", prompt_encoder.*]
            epochs: 7
            learning-rate: 1e-4
            warmup-steps: 12
            loss: {focal: 5, dice: 2.5}
            augment: dihedral
            seed: 18446744073709551615
            """)
        #expect(configuration.shards == "data/train")
        #expect(configuration.val == "data/val")
        #expect(configuration.weights == "null")
        #expect(configuration.trainOnly == ["mask_decoder.*", "prompt_encoder.*"])
        #expect(configuration.epochs == 7)
        #expect(configuration.learningRate == 1e-4)
        #expect(configuration.warmupSteps == 12)
        #expect(configuration.loss == LossWeights(focal: 5, dice: 2.5, iou: 0))
        #expect(configuration.augment == [.dihedral])
        #expect(configuration.seed == .max)
    }

    /// What is written reads back as the same configuration, whatever the fields hold.
    @Test func theResolvedConfigurationRoundTrips() throws {
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        #expect(try parsed(configuration.yaml()) == configuration)
        configuration.shards = "a folder: with # and 'quotes'/1e3"
        configuration.val = "null"
        configuration.weights = "1.50"
        configuration.trainOnly = ["*", "image_encoder.blocks.?.attn.*", "yes"]
        configuration.learningRate = 0.000_123_456_789
        configuration.warmupSteps = 0
        configuration.maxMinutes = 2.5
        configuration.loss = LossWeights(focal: 0, dice: 0.7, iou: 1e-8)
        configuration.augment = []
        configuration.seed = .max
        #expect(try parsed(configuration.yaml()) == configuration)
        #expect(try configuration.yaml() == parsed(configuration.yaml()).yaml())
    }

    /// Words stay words to readers that know YAML's other types, such as the configuration that a tracker shows.
    @Test func wordsThatLookLikeSomethingElseAreQuoted() throws {
        var configuration = TrainingConfiguration()
        configuration.runName = "123"
        configuration.cache = .off
        configuration.trainOnly = ["yes", "2024-01-02", "a*"]
        let lines = try configuration.yaml().split(separator: "\n").map(String.init)
        for line in [
            #"run-name: "123""#, #"cache: "off""#, #"train-only: ["yes", "2024-01-02", a*]"#, "epochs: 20",
            "report: true", "val: null",
        ] {
            #expect(lines.contains(line), "\(lines)")
        }
    }

    @Test func anUnknownKeyIsAnErrorThatNamesTheNearestOne() throws {
        let error = try #require(throws: TrainingError.self) { try parsed("epochs: 3\nlearning_rate: 1e-3\n") }
        #expect(error.code == .configuration)
        #expect(error.message.contains("'learning_rate'"))
        #expect(error.message.contains("Did you mean 'learning-rate'?"))
        #expect(error.location?.line == 2)
        #expect(error.location?.path == "train.yaml")
        let far = try #require(throws: TrainingError.self) { try parsed("zzzzzzzzzz: 1") }
        #expect(!far.message.contains("Did you mean"))
    }

    @Test(
        arguments: [
            "epochs: 0", "epochs: 1.5", "epochs: many", "epochs: [1]", "epochs:", "learning-rate: 0",
            "learning-rate: .nan", "learning-rate: -1", "beta1: 1", "loss: focal=-1", "loss: focal=1,focal=2",
            "shuffle: window=1", "shuffle: [global]", "loss: {focl: 1}", "loss: iou=0", "loss: {}", "augment: mirror",
            "augment: [none, dihedral]",
            "box-probability: 1.01", "train-only: [\"\"]", "seed: -1", "shards: ''", "max-minutes: 0",
        ])
    func aValueThatTheKeyDoesNotTakeIsAnError(yaml: String) throws {
        let error = try #require(throws: TrainingError.self) { try parsed(yaml) }
        #expect(error.code == .configuration)
        #expect(error.kind == .usage)
    }

    @Test(
        arguments: [
            "- a\n- b", "just words", "epochs: 1\nepochs: 2", "a: [", "\tx: 1", "{a: 1", "freeze: [[a]]",
            "loss: {focal: [1]}", "? [a]\n: 1",
        ])
    func whatIsNotAConfigurationIsASyntaxError(yaml: String) throws {
        let error = try #require(throws: TrainingError.self) { try parsed(yaml) }
        #expect(error.code == .configurationSyntax)
        #expect(error.kind == .badInput)
    }

    /// On a command line lists and mappings are written as in YAML, or as before in one word; words and paths stay as they are.
    @Test func writtenListsAndMappingsAreRead() throws {
        var configuration = TrainingConfiguration()
        for (key, text) in [
            ("steps-at", "[0.5, 0.8]"), ("loss", " {dice: 1, iou: 0.5} "), ("train-only", "[mask_decoder, 'a,b']"),
            ("learning-rates", "{mask_decoder: 2}"), ("augment", "[crop]"), ("track", "[none]"),
            ("augment-steps", "[D4, {Affine: {rotate: 20}}]"), ("freeze", "[]"), ("run-name", "[a, b]"),
            ("weights", "{x}.pth"), ("val", "12"), ("unfreeze", "2:image_encoder.neck"), ("experiment", "null"),
        ] {
            try configuration.set(key, written: text)
        }
        #expect(configuration.stepsAt == [0.5, 0.8] && configuration.loss == LossWeights(focal: 0, dice: 1, iou: 0.5))
        #expect(configuration.trainOnly == ["mask_decoder", "a,b"] && configuration.freeze == [])
        #expect(configuration.learningRates == [NamedNumber(name: "mask_decoder", number: 2)])
        #expect(configuration.augment == [.crop] && configuration.track == [])
        #expect(configuration.augmentSteps != nil && configuration.unfreeze == ["2:image_encoder.neck"])
        #expect(configuration.runName == "[a, b]" && configuration.weights == "{x}.pth" && configuration.val == "12")
        #expect(configuration.experiment == nil)
        try configuration.set("steps-at", written: "0.25,0.5")
        try configuration.set("loss", written: "focal=2")
        #expect(configuration.stepsAt == [0.25, 0.5] && configuration.loss == LossWeights(focal: 2, dice: 0, iou: 0))
    }

    @Test(arguments: [
        ("steps-at", "[0.5, [1]]", "words only"), ("steps-at", "[0.5, x]", "different shares"),
        ("steps-at", "0.5,0.5", "different shares"),
        ("loss", "{dice: [1]}", "name: value"),
        ("loss", "{dice 1, iou}}", "not valid YAML"), ("loss", "[a, 'b]", "not valid YAML"),
        ("loss", "{dies: 1}", "dies"),
        ("train-only", "{a: 1}", "a list of name patterns"), ("epochs", "[3]", "'[3]'"),
    ])
    func wrongListsAreNamed(key: String, text: String, words: String) throws {
        var configuration = TrainingConfiguration()
        let error = try #require(throws: TrainingError.self) { try configuration.set(key, written: text) }
        #expect(error.code == .configuration && error.message.contains(words), "\(error.message)")
        #expect(error.message.contains(key) || words == "dies", "\(error.message)")
    }

    /// What a command line says takes the place of what a file says and it excludes, and only that.
    @Test func optionsTakeThePlaceOfWhatTheyExclude() throws {
        func after(_ file: String, _ options: [(key: String, text: String)]) throws -> (
            TrainingConfiguration, remarks: [String]
        ) {
            let before = try parsed(file)
            var configuration = before
            for (key, text) in options { try configuration.set(key, written: text) }
            let remarks = try configuration.giveWay(to: Set(options.map(\.key)), from: before)
            return (configuration, remarks)
        }
        var (found, remarks) = try after("preset: decoder\nfreeze: [mask_decoder]\n", [("train-only", "mask_decoder")])
        #expect(found.preset == nil && found.freeze == [] && found.trainOnly == ["mask_decoder"])
        #expect(
            remarks.count == 2 && remarks[0].hasPrefix("preset of the configuration file gives way to --train-only"))
        (found, remarks) = try after("train-only: [a]\nfreeze: [b]\n", [("preset", "decoder")])
        #expect(found.preset == "decoder" && found.trainOnly == [] && found.freeze == ["b"] && remarks.count == 1)
        (found, remarks) = try after("augment-steps: [D4]\n", [("augment", "crop")])
        #expect(found.augmentSteps == nil && found.augment == [.crop] && remarks.count == 1)
        (found, remarks) = try after("track: [mlflow]\nmlflow-url: http://a\n", [("track", "none")])
        #expect(found.mlflowURL == nil && remarks.count == 1)
        // What a command line says twice is for its author to decide, and what excludes nothing stays.
        (found, remarks) = try after("epochs: 3\n", [("preset", "decoder"), ("train-only", "a"), ("freeze", "b")])
        #expect(found.preset == "decoder" && found.trainOnly == ["a"] && found.freeze == ["b"] && remarks.isEmpty)
        (found, remarks) = try after("preset: decoder\nfreeze: [a]\n", [("epochs", "2")])
        #expect(found.preset == "decoder" && found.freeze == ["a"] && remarks.isEmpty)
    }

    @Test func theLossMayBeARecipeOrAnySum() throws {
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        try configuration.set("loss", to: .text("dice-focal"))
        #expect(configuration.loss == LossWeights(focal: 0.3, dice: 0.7, iou: 1))
        try configuration.set("loss", to: .text("micro-sam"))
        #expect(configuration.loss == LossWeights(focal: 0, dice: 1, iou: 1))
        try configuration.set("loss", to: .text("boundary=0.5,tversky=2,iou-l1=3"))
        #expect(
            configuration.loss
                == LossWeights(focal: 0, dice: 0, iou: 0, bce: 0, iouL1: 3, boundary: 0.5, tversky: 2))
        var copy = TrainingConfiguration()
        try copy.apply(yaml: try configuration.yaml())
        #expect(copy.loss == configuration.loss && copy.loss.shapesMasks)
        try configuration.set("loss", to: .text("iou=1,iou-l1=0.5"))
        #expect(configuration.loss == LossWeights(focal: 0, dice: 0, iou: 1, iouL1: 0.5))
        #expect(!configuration.loss.shapesMasks)
        for wrong in ["dice-focus", "iou=0,iou-l1=0", "dice=1,surface=1", ""] {
            #expect(throws: TrainingError.self) { try configuration.set("loss", to: .text(wrong)) }
        }
    }

    @Test func aMissingFileAndAFolderAreFileErrors() throws {
        let folder = try TemporaryDirectory()
        #expect(throws: FileError.self) { try TrainingConfiguration.read(folder.file("none.yaml")) }
        #expect(throws: FileError.self) { try TrainingConfiguration.read(folder.path) }
    }

    /// Mutated texts are read or refused; nothing else happens.
    @Test func mutatedTextsNeverCrash() throws {
        var configuration = TrainingConfiguration()
        configuration.trainOnly = ["a.*", "b"]
        let original = Array(try configuration.yaml().utf8)
        for sample in 0..<400 {
            var random = CounterRandom(seed: 1, sample: UInt64(sample), purpose: RandomPurpose("yaml fuzz"))
            var bytes = original
            for _ in 0...random.index(below: 6) {
                let at = random.index(below: bytes.count)
                switch random.index(below: 3) {
                case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: at)
                default: bytes.insert(contentsOf: Array("&a *a: - [{".utf8.shuffled(using: &random)), at: at)
                }
            }
            var copy = TrainingConfiguration()
            try? copy.apply(yaml: String(decoding: bytes, as: UTF8.self))
        }
    }
}
