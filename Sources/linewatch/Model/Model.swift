import ArgumentParser

/// `linewatch model`: what is done with model packages.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Imports, lists, verifies and times models.",
        subcommands: [ModelImport.self, ModelList.self, ModelVerify.self, ModelBench.self]
    )
}
