import ModelPackages

extension CheckReport {
    /// Opens every model that can be found and compares the SHA-256 of all of its files.
    ///
    /// Blocks while it reads them, about a millisecond per megabyte. Fails with the first thing that is
    /// wrong.
    package static func models(of machine: Machine) -> Check {
        let name = "models"
        let locator = ModelLocator.standard(environment: machine.environment)
        let found = locator.list()
        guard !found.isEmpty else {
            return .warn(
                name, "none in \(locator.directories.joined(separator: ", ")).",
                remedy:
                    "Set LINEWATCH_MODELS to a folder of models, or make one with 'linewatch model import'.")
        }
        for model in found {
            do {
                _ = try ModelPackage(opening: model.path, verifyingHashes: true)
            } catch {
                return .fail(
                    name, "'\(model.name)' is broken: \(error)", remedy: "Run 'linewatch model verify'.")
            }
        }
        return .pass(name, "\(found.map(\.name).joined(separator: ", ")): every file as it was made.")
    }
}
