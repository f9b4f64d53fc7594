internal import Annotations
internal import Runtime

extension PanopticEvaluator {
    /// What is odd about which entry is of which image: images that stand twice, and predictions of none of the truth.
    func pairingFindings() -> [LabelFinding] {
        var findings: [LabelFinding] = []
        func note(
            _ rule: String, _ severity: Severity, _ entry: PanopticFile.Entry, _ file: PanopticFile, _ message: String,
            dropped: COCOSection? = nil
        ) {
            findings.append(
                LabelFinding(
                    Finding(rule: rule, severity: severity, location: location(entry, file), message: message),
                    dropped: dropped))
        }
        var known: Set<COCOIdentifier> = []
        for entry in truth.entries where !known.insert(entry.imageID).inserted {
            note(
                PredictionRule.duplicateEntry, .warning, entry, truth,
                "image \(entry.imageID) stands in the truth before; as in panopticapi, both count")
        }
        for entry in predictions.entries {
            if !known.contains(entry.imageID) {
                let hint = entry.imageID.typeHint("image", isKnown: known.contains)
                note(
                    PredictionRule.unknownImage, .error, entry, predictions,
                    "the truth has no image \(entry.imageID)\(hint); the prediction is dropped", dropped: .images)
            } else if let last = prediction(ofImage: entry.imageID), last != entry {
                note(
                    PredictionRule.duplicateEntry, .error, entry, predictions,
                    "another prediction of image \(entry.imageID) stands at byte \(last.place.lowerBound); as in panopticapi, the last counts, and this one is dropped",
                    dropped: .images)
            }
        }
        return findings
    }
}
