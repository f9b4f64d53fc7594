internal import Annotations
internal import Runtime
private import Shards

/// Writes a sample as often as it is to come up in an epoch, for readers that know nothing of repeats.
struct RepeatWriting: Sendable {
    let seed: UInt64

    /// The sample `floor(r)` times, and once more with the probability of the rest; copies have `#2`, `#3` ... behind
    /// their ids and before their names' extension.
    ///
    /// - Parameter ledger: told of a sample that is not written at all.
    func copies(of sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample] {
        let whole = sample.repeats.rounded(.down)
        // Keyed by the id, so that images which are added change nothing for the others.
        let key = UInt64(SHA256Digest.hex(Array(sample.labelled.image.id.description.utf8)).prefix(16), radix: 16) ?? 0
        var random = CounterRandom(seed: seed, sample: key, purpose: RandomPurpose("written repeats"))
        let count = Int(whole) + (random.uniform() < sample.repeats - whole ? 1 : 0)
        if count == 0 {
            ledger.reject(
                .image, ConversionRule.noRepeat, at: sample.location,
                "\(sample.labelled.image.fileName) comes up \((sample.repeats * 1000).rounded() / 1000) times an epoch, and is not drawn"
            )
        }
        return (0..<count).map { copy in
            var sample = sample
            sample.repeats = 1
            if copy > 0 { sample.rename(suffix: "#\(copy + 1)") }
            return sample
        }
    }
}

extension StagedSample {
    /// Makes ids and name of a sample that is one of several of its image.
    ///
    /// - Parameter suffix: what distinguishes it; it goes behind the ids, and before the name's extension.
    package mutating func rename(suffix: String) {
        labelled.image.id = .text(labelled.image.id.description + suffix)
        let name = labelled.image.fileName
        let folder = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
        let dot = name[folder...].lastIndex(of: ".") ?? name.endIndex
        labelled.image.fileName = String(name[..<dot]) + suffix + String(name[dot...])
        labelled.image.isFileNameDerived = false
        for index in labelled.objects.indices {
            let id = labelled.objects[index].annotation.id
            labelled.objects[index].annotation.id = .text(id.description + suffix)
            labelled.objects[index].annotation.imageID = labelled.image.id
        }
    }
}
