/// A training that takes one step after the other and keeps its state on disk.
package protocol SteppedTraining {
    /// All steps, and those taken.
    var steps: Int { get }
    var step: Int { get }

    /// Takes one step; nil when there is nothing left to do. Throws `TrainingError` at the third step in a row that
    /// is not finite: the last checkpoint is from before the first of them, or of parameters that they left alone.
    func takeStep() throws -> Trainer<Float>.Report?
}
