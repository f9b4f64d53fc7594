internal import Annotations
internal import Runtime

extension StagedSample {
    /// The rule of members that were left out because the picture was moved under them.
    package static let stalePlacesRule = "stage.places"

    /// The sample without those members of its objects that hold places in a picture which is no longer there.
    ///
    /// - Parameters:
    ///   - stage: which moved the picture, for the message.
    ///   - movesPlaces: whether it has moved what places it could.
    ///   - ledger: told of each object.
    func withoutStalePlaces(
        after stage: String, movesPlaces: Bool, ledger: inout FindingLedger
    ) -> StagedSample {
        guard hasNewPixels else { return self }
        var sample = self
        for index in sample.objects.indices {
            let members = sample.objects[index].annotation.extra.filter { member in
                LabelledObject.placeMembers.contains(member.name)
                    && (!movesPlaces || LabelledObject.isImmovable(member))
            }
            var stale = members.map(\.name)
            // Without them their number says nothing.
            if stale.contains("keypoints"), !stale.contains("num_keypoints") { stale.append("num_keypoints") }
            if stale.isEmpty { continue }
            sample.objects[index].annotation.extra.removeAll { stale.contains($0.name) }
            ledger.note(
                Finding(
                    rule: Self.stalePlacesRule, severity: .warning, location: sample.objects[index].annotation.location,
                    message:
                        "\(stage) moves masks\(movesPlaces ? ", boxes and points" : " and boxes"), not \(stale.joined(separator: ", ")), which are left out"
                )
            )
        }
        return sample
    }
}
