extension JSONRecordReader {
    /// Makes what stands before a value, or before the object's end, the layout's step at `index`, after which all later
    /// steps are forgotten.
    ///
    /// - Parameters:
    ///   - index: of the step, at most the number of steps known.
    ///   - start: where the object, or what follows the value before, starts.
    /// - Returns: false for anything unusual; the steps from `index` on are forgotten then, too.
    func learn(_ index: Int, at start: Int, _ parser: JSONPullParser) -> Bool {
        layout.truncate(to: index)
        let base = parser.base
        var place = start
        if index == 0 {
            guard base[place] == UInt8(ascii: "{") else { return false }
            place &+= 1
            guard pass(&place, start, parser) else { return false }
        } else {
            guard pass(&place, start, parser) else { return false }
            if base[place] == UInt8(ascii: "}") {
                return layout.append(
                    text: base + start, count: place &+ 1 &- start, key: -1, kind: .passed, name: 0..<0, isEnd: true)
            }
            guard base[place] == UInt8(ascii: ",") else { return false }
            place &+= 1
            guard pass(&place, start, parser) else { return false }
        }
        // Also an object without members is unusual.
        guard base[place] == UInt8(ascii: "\"") else { return false }
        let name = place &+ 1
        place = name
        while base[place] != UInt8(ascii: "\"") {
            guard base[place] >= 0x20, base[place] < 0x80, base[place] != UInt8(ascii: "\\"),
                place &- start < JSONRecordLayout.longestText
            else { return false }
            place &+= 1
        }
        let key = UnsafeBufferPointer(start: base + name, count: place &- name)
        place &+= 1
        guard pass(&place, start, parser), base[place] == UInt8(ascii: ":") else { return false }
        place &+= 1
        guard pass(&place, start, parser), !layout.hasKey(key) else { return false }
        let known = keys.firstIndex { $0.name.elementsEqual(key) }
        return layout.append(
            text: base + start, count: place &- start, key: known ?? -1, kind: known.map { keys[$0].kind } ?? .passed,
            name: name &- start..<name &- start &+ key.count, isEnd: false)
    }

    /// Passes white space; false where the text since `start` is longer than a step can be.
    private func pass(_ place: inout Int, _ start: Int, _ parser: JSONPullParser) -> Bool {
        while place &- start < JSONRecordLayout.longestText {
            switch parser.base[place] {
            case 0x20, 0x0a, 0x0d, 0x09: place &+= 1
            default: return true
            }
        }
        return false
    }

    // MARK: Short values

    /// The integer at the cursor, which is then behind it.
    ///
    /// Reads no further than 24 bytes.
    @inline(__always)
    static func integer(_ base: UnsafePointer<UInt8>, at cursor: inout Int) -> Int64? {
        let isNegative = base[cursor] == UInt8(ascii: "-")
        let start = isNegative ? cursor &+ 1 : cursor
        var place = start
        var magnitude: UInt64 = 0
        while true {
            let word =
                UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self).littleEndian ^ 0x3030_3030_3030_3030
            let others = EightDigits.others(in: word)
            if others == 0 {
                magnitude = magnitude &* 100_000_000 &+ EightDigits.value(of: word)
                place &+= 8
                guard place &- start <= 16 else { return nil }
                continue
            }
            let count = others.trailingZeroBitCount >> 3
            if count > 0 {
                let digits = EightDigits.value(of: word &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count))
                magnitude = magnitude &* DecimalConversion.integerPowers[count] &+ digits
                place &+= count
            }
            break
        }
        let count = place &- start
        guard count > 0, count <= 18, count == 1 || base[start] != UInt8(ascii: "0") else { return nil }
        guard base[place] != UInt8(ascii: "."), base[place] | 0x20 != UInt8(ascii: "e") else { return nil }
        cursor = place
        return isNegative ? -Int64(magnitude) : Int64(magnitude)
    }

    /// The flag at the cursor, which is then behind it.
    @inline(__always)
    static func flag(_ base: UnsafePointer<UInt8>, at cursor: inout Int) -> Int64? {
        switch base[cursor] {
        case UInt8(ascii: "t"), UInt8(ascii: "f"):
            let word: StaticString = base[cursor] == UInt8(ascii: "t") ? "true" : "false"
            for index in 0..<word.utf8CodeUnitCount where base[cursor &+ index] != word.utf8Start[index] { return nil }
            let value: Int64 = base[cursor] == UInt8(ascii: "t") ? 1 : 0
            cursor &+= word.utf8CodeUnitCount
            return value
        default:
            guard let integer = integer(base, at: &cursor), integer == 0 || integer == 1 else { return nil }
            return integer
        }
    }
}
