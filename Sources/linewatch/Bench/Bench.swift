import ArgumentParser

/// `linewatch bench`: the speed of one part of the way from frame to verdict, on this machine.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the speed of one part of an inspection on this machine.",
        subcommands: [BenchCamera.self, BenchEvents.self, BenchLines.self, BenchProducts.self]
    )
}
