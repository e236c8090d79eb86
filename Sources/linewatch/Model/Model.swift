import ArgumentParser

/// `linewatch model`: what is done with model packages.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists, verifies and times models.",
        subcommands: [ModelList.self, ModelVerify.self, ModelBench.self]
    )
}
