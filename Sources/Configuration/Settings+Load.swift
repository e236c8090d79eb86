extension Settings {
    /// The settings of a main file, the files of its folder, the environment and the command line, each over
    /// the one before (O1). Never throws: whatever is wrong is a finding.
    ///
    /// - Parameters:
    ///   - main: The main file.
    ///   - confd: The folder whose `*.toml` are read in byte order; a folder that is not there has none.
    ///   - environment: Variables by name; an empty one counts as not set.
    package static func load(
        main: String, confd: String, environment: [String: String], overlays: [SettingOverlay] = []
    ) -> LoadedSettings {
        load(
            [SettingsText(reading: main)] + SettingsText.all(inFolder: confd), environment: environment,
            overlays: overlays)
    }

    /// The same of texts that have been read already, main file first.
    package static func load(
        _ texts: [SettingsText], environment: [String: String], overlays: [SettingOverlay] = []
    ) -> LoadedSettings {
        var findings: [Finding] = []
        var check = SettingCheck()
        var root = Node(.table(NodeTable()), origin: .standard)
        for text in texts {
            guard let document = text.document(&findings) else { continue }
            root = root.merged(with: check.cleaned(document.root, file))
        }
        // Syntax errors and unreadable files: what seems missing may stand in what was not read.
        let isComplete = findings.isEmpty

        let variables = EnvironmentVariables(environment)
        for overlay in variables.overlays + overlays {
            root = root.applying(overlay, &check)
        }
        findings += check.findings + variables.findings

        let settings = Settings(root, standard: .standard(in: variables.folders))
        if isComplete {
            var required = RequiredCheck()
            let first = SourceLocation(path: texts.first?.path ?? "", line: 1, column: 1)
            required.look(through: root, file, fallback: .file(first))
            var cross = CrossCheck(settings, root)
            cross.run()
            findings += required.findings + cross.findings
        }
        return LoadedSettings(
            settings: settings, folders: variables.folders, files: texts.map(\.path),
            findings: sorted(findings, texts.map(\.path)), root: root)
    }

    /// By file in the order of reading, then by place; what is in no file comes last.
    private static func sorted(_ findings: [Finding], _ paths: [String]) -> [Finding] {
        let ranks = Dictionary(paths.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        func place(_ finding: Finding) -> (Int, Int, Int) {
            guard case .file(let at) = finding.origin else { return (paths.count, 0, 0) }
            return (ranks[at.path] ?? 0, at.line, at.column)
        }
        let keyed = findings.enumerated().map { (place: place($1), order: $0, finding: $1) }
        return keyed.sorted { $0.place == $1.place ? $0.order < $1.order : $0.place < $1.place }.map(
            \.finding)
    }
}
