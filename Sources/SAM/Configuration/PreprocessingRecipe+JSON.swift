internal import JSONText

extension PreprocessingRecipe {
    /// The recipe as members of the configuration's object; what is as in SAM, but for mean and deviation, is left out.
    var members: [JSONMember] {
        var members = [
            JSONMember("pixel_mean", .array(mean.map { .number(Double($0)) })),
            JSONMember("pixel_std", .array(std.map { .number(Double($0)) })),
        ]
        func add(_ key: String, _ value: String, unless usual: String) {
            if value != usual { members.append(JSONMember(key, .string(value))) }
        }
        add("image_fit", fit.rawValue, unless: Self.sam.fit.rawValue)
        add("image_filter", filter.rawValue, unless: Self.sam.filter.rawValue)
        add("pixel_range", range.rawValue, unless: Self.sam.range.rawValue)
        add("mask_scaling", maskScaling.rawValue, unless: Self.sam.maskScaling.rawValue)
        return members
    }

    /// Takes a member that is one of the recipe's.
    ///
    /// - Returns: whether it was.
    /// - Throws: `SAMError.configuration`.
    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool {
        switch member.name {
        case "pixel_mean": mean = try ConfigurationValue.colour(member.value, of: member.name, isPositive: false)
        case "pixel_std": std = try ConfigurationValue.colour(member.value, of: member.name, isPositive: true)
        case "image_fit": fit = try ConfigurationValue.choice(member.value, of: member.name)
        case "image_filter": filter = try ConfigurationValue.choice(member.value, of: member.name)
        case "pixel_range": range = try ConfigurationValue.choice(member.value, of: member.name)
        case "mask_scaling": maskScaling = try ConfigurationValue.choice(member.value, of: member.name)
        default: return false
        }
        return true
    }
}
