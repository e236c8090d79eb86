/// The settings that are in force, or would be, and all that was found on the way.
package struct LoadedSettings: Sendable {
    /// Defaults where nothing is set, or where what is set was refused. Not to be used if there are errors.
    package let settings: Settings
    package let folders: ServiceFolders
    /// The files in the order they were read, main file first.
    package let files: [String]
    /// By file and place.
    package let findings: [Finding]
    /// What is set, with its origins; `.refused` where it was refused.
    let root: Node

    package var errors: [Finding] { findings.filter { $0.severity == .error } }
    package var warnings: [Finding] { findings.filter { $0.severity == .warning } }
}

/// A settings file, read or not.
package struct SettingsText: Sendable {
    package let path: String
    /// Its bytes, or why it cannot be read.
    package let content: Content

    package enum Content: Sendable {
        case bytes([UInt8])
        case unreadable(String)
    }

    package init(path: String, _ content: Content) {
        self.path = path
        self.content = content
    }

    package init(path: String, text: String) { self.init(path: path, .bytes(Array(text.utf8))) }
}

/// A setting from elsewhere than a file: an option of the command line, or the daemon's state.
package struct SettingOverlay: Sendable {
    /// The way to the key, through elements of arrays by their id or name: `["log", "target"]`,
    /// `["inspect", "weld", "class_name"]`.
    package let path: [String]
    package let value: Node.Value
    package let origin: Origin

    package init(_ path: [String], _ value: Node.Value, from origin: Origin) {
        self.path = path
        self.value = value
        self.origin = origin
    }
}
