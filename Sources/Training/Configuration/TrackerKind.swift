/// A program whose records of runs are written.
package enum TrackerKind: String, Sendable, Hashable, CaseIterable {
    case tensorboard
    case mlflow
    case wandb
}
