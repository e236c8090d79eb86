import ModelPackages

extension ModelLocator {
    /// Where models are looked for: `LINEWATCH_MODELS` if it is set, otherwise those made on this box and
    /// then those installed with the package.
    static func standard(environment: [String: String]) -> ModelLocator {
        let state = environment["LINEWATCH_STATE_DIR"] ?? "/var/lib/linewatch"
        return ModelLocator(
            searchPath: environment["LINEWATCH_MODELS"],
            defaults: [state + "/models", "/usr/share/linewatch/models"])
    }
}
