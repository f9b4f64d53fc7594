import Augmentation
import Foundation
import JSONText
import TestSupport
import Testing

/// `schemas/augmentation.schema.json` is made from the catalogue of steps. With `SAMDATA_WRITE_SCHEMAS=1` in the
/// environment this suite writes it anew.
@Suite struct AugmentationSchemaTests {
    static let path = Repository.root + "/schemas/augmentation.schema.json"

    @Test func fileIsTheCatalogues() throws {
        let made = try JSONDocument.parse(StepCatalogue.schema.json)
        if ProcessInfo.processInfo.environment["SAMDATA_WRITE_SCHEMAS"] == "1" {
            try Self.text(of: made).write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try JSONDocument.read(path: Self.path) == made, "run this suite with SAMDATA_WRITE_SCHEMAS=1")
    }

    /// One definition a line.
    static func text(of schema: JSONValue) -> String {
        func line(_ member: JSONMember) -> String { JSONValue.string(member.name).text() + ": " + member.value.text() }
        let members = (schema.object ?? []).map { member -> String in
            guard member.name == "$defs", let definitions = member.value.object else { return "  " + line(member) }
            return "  \"$defs\": {\n" + definitions.map { "    " + line($0) }.joined(separator: ",\n") + "\n  }"
        }
        return "{\n" + members.joined(separator: ",\n") + "\n}\n"
    }

    @Test(
        arguments: [
            ["D4", ["Affine": ["rotate": 5, "scale": ["x": [1, 2]]]], ["CLAHE": nil]],
            [
                ["Affine": ["scale": 0.5, "rotate": -20]], ["ColorJitter": ["brightness": 6.5]],
                ["CLAHE": ["clip_limit": 1]],
            ],
            ["steps": ["ToGray"], "min_area": 5],
            ["augment": [["OneOf": ["transforms": ["D4", ["Resize": ["height": 3, "width": 4]]]]]]],
            [
                ["PadIfNeeded": ["fill": [1, 2, 3], "pad_height_divisor": nil]],
                ["LongestMaxSize": ["max_size": [5, 6]]], ["LongestMaxSize": ["max_size_hw": [5, nil]]],
                ["SmallestMaxSize": ["max_size": nil, "max_size_hw": [5, 6]]],
                ["LongestMaxSize": ["max_size": 7, "max_size_hw": nil]],
            ],
            // As albumentations writes out what it has by default.
            [
                ["Affine": ["mask_interpolation": 0, "rotate_method": "largest_box", "fill_mask": 0]],
                ["Resize": ["height": 3, "width": 4, "mask_interpolation": 0, "area_for_downscale": nil]],
                ["ToGray": ["num_output_channels": 3, "method": "weighted_average"]],
                ["ShiftScaleRotate": ["shift_limit_x": [0, 0], "shift_limit_y": nil, "fill_mask": 0]],
                ["MotionBlur": ["allow_shifted": false]], ["GaussNoise": ["noise_scale_factor": 1]],
                ["CropNonEmptyMaskIfExists": ["height": 2, "width": 2, "ignore_values": nil]],
            ],
        ] as [AugmentationValue])
    func whatIsReadIsValid(description: AugmentationValue) throws {
        let check = try JSONSchemaCheck("augmentation")
        #expect(check.violations(of: try JSONDocument.parse(description.json)) == [])
        if case .object(let members) = description, members[0].name == "augment" {
            _ = try AugmentationChain(members[0].value)
        } else {
            _ = try AugmentationChain(description)
        }
    }

    @Test(
        arguments: [
            ["D5"], [["Affine": ["rotat": 5]]], [["Affine": ["rotate": "much"]]], ["Resize"],
            [["Resize": ["height": 3]]], "LongestMaxSize", [["LongestMaxSize": ["p": 1]]],
            [["LongestMaxSize": ["max_size": 4, "max_size_hw": [5, 6]]]], [["LongestMaxSize": ["max_size_hw": [5]]]],
            [["SmallestMaxSize": ["max_size_hw": [nil, nil]]]], [["SmallestMaxSize": ["max_size": nil]]],
            [["Affine": ["mask_interpolation": 1]]], [["ToGray": ["method": "pca"]]],
            [["GaussNoise": ["noise_scale_factor": 0.5]]], [["ToGray": ["fill_mask": 0]]],
            [["Affine": ["scale": 0]]], [["Affine": ["scale": ["y": 200]]]], [["ColorJitter": ["brightness": 7]]],
            [["CLAHE": ["clip_limit": 0]]], [["D4": ["p": 2]]], ["steps": []], [["D4": [:], "ToGray": [:]]], 5,
        ] as [AugmentationValue])
    func whatIsRefusedIsInvalid(description: AugmentationValue) throws {
        let check = try JSONSchemaCheck("augmentation")
        #expect(check.violations(of: try JSONDocument.parse(description.json)) != [])
        #expect(throws: AugmentationError.self) { try AugmentationChain(description) }
    }

    @Test func everyStepIsDescribed() {
        for specification in StepCatalogue.specifications {
            #expect(specification.summary.hasSuffix("."))
            for parameter in specification.parameters {
                #expect(parameter.summary.hasSuffix("."), "\(specification.name).\(parameter.name)")
                #expect(!parameter.kind.phrase.isEmpty)
            }
        }
    }
}
