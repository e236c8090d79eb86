import ArgumentParser

/// `linewatch camera`: what is done with cameras, real and simulated.
struct Camera: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Works with cameras, real and simulated.",
        subcommands: [CameraRecord.self, CameraSimulate.self]
    )
}
