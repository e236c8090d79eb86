import ArgumentParser
import Configuration
import FoundationEssentials

/// Which settings and which daemon a camera command goes by.
struct DaemonOptions: ParsableArguments {
    @Option(help: "The settings file. (default: that of this box)")
    var config: String?

    @Option(help: "The admin socket of the daemon. (default: that of the settings)")
    var socket: String?

    /// The settings, with whatever is wrong with them.
    func settings() -> LoadedSettings {
        LoadedSettings.read(config, environment: ProcessInfo.processInfo.environment)
    }
}
