import ArgumentParser

/// `linewatch model`: what is done with model packages.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Imports, lists, verifies and times models, and puts them into service.",
        subcommands: [
            ModelImport.self, ModelList.self, ModelVerify.self, ModelBench.self, ModelExport.self,
            ModelInstall.self, ModelFidelity.self, ModelMargin.self, ModelWords.self,
            ModelShadow.self, ModelActivate.self, ModelRollback.self,
        ]
    )
}
