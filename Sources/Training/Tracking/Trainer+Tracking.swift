internal import Foundation
internal import Runtime

extension Trainer {
    /// Tells the trackers of the configuration that the run begins, or goes on.
    ///
    /// Whatever keeps them from it is remarked and never ends the run.
    func beginRecording() -> RunRecorder {
        let observe = self.observe
        let pictures = validation.flatMap { set in
            configuration.sampleImages == 0
                ? nil : SamplePictures(set, count: configuration.sampleImages, folder: folder.samplesPath)
        }
        let recorder = RunRecorder(
            configuration.track.map { (name: $0.title, tracker: $0.tracker(configuration)) }, pictures: pictures,
            remark: { observe(.remarked($0)) })
        do {
            recorder.begin(
                try TrackedRun(configuration, folder: folder, resumePoint: ResumePoint(state)))
        } catch {
            observe(.remarked("warning: the run is not tracked: \(error)"))
        }
        return recorder
    }
}

extension TrackerKind {
    /// The program's name as it writes it.
    var title: String {
        switch self {
        case .tensorboard: "TensorBoard"
        case .mlflow: "MLflow"
        case .wandb: "W&B"
        }
    }

    func tracker(_ configuration: TrainingConfiguration) -> any RunTracker {
        switch self {
        case .tensorboard: TensorBoardTracker()
        case .mlflow:
            if let url = configuration.mlflowURL { MLflowServerTracker(url: url) } else { MLflowStoreTracker() }
        case .wandb: WandBTracker()
        }
    }
}

extension RunFolder {
    /// Pictures of validated images.
    package var samplesPath: String { FileSystem.join(path, "samples") }
    /// What the run is called by trackers.
    package var trackingRecordPath: String { FileSystem.join(path, TrackingRecord.fileName) }
    /// The local store of MLflow.
    package var mlflowStorePath: String { FileSystem.join(path, "mlruns") }
    /// Files for `wandb sync`.
    package var wandbPath: String { FileSystem.join(path, "wandb") }

    /// The event files of TensorBoard, oldest first.
    package var tensorBoardFiles: [String] {
        ((try? FileSystem.list(path)) ?? []).filter { $0.hasPrefix(TensorBoardTracker.filePrefix) }
            .map { FileSystem.join(path, $0) }
    }

    /// Everything that records of the run consist of, whether it is there or not.
    var trackingPaths: [String] {
        [samplesPath, trackingRecordPath, mlflowStorePath, wandbPath] + tensorBoardFiles
    }
}
