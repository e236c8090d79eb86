import ArgumentParser

/// `linewatch bench`: the speed of the way from frame to committed result, or of one part of it, on this machine.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the speed of an inspection, or of a part of it, on this machine.",
        subcommands: [
            BenchCamera.self, BenchEvents.self, BenchFrame.self, BenchKinds.self, BenchLines.self,
            BenchProducts.self, BenchStart.self, BenchTraining.self, BenchTypes.self,
        ]
    )
}
