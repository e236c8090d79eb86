package import ArgumentParser

/// `linewatch train`: what models are trained with.
package struct TrainGroup: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Trains models, and shows what they are trained with.",
        subcommands: [
            TrainLiteVL.self, TrainBaseline.self, TrainAdaCLIP.self, TrainVTFusion.self, TrainFine.self,
            TrainSynthesis.self, TrainFeatures.self,
        ])

    package init() {}
}
