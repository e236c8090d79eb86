import ArgumentParser

/// `linewatch camera`: what is done with cameras, real and simulated.
struct Camera: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Works with cameras, real and simulated.",
        subcommands: [
            CameraList.self, CameraProbe.self, CameraRecord.self, CameraSimulate.self, CameraSnap.self,
            CameraWatch.self,
        ]
    )
}
