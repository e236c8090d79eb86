extension Settings {
    /// A whole configuration that shows every key: one camera with a region, one inspection, one recipe.
    package static let example: Settings = {
        var camera = CameraSettings()
        camera.name = "top"
        camera.match.serial = "A1B2"
        camera.roi = [RegionSettings()]
        var inspection = InspectionSettings()
        inspection.roi = ["weld"]
        var recipe = RecipeSettings()
        recipe.inspect = ["weld"]
        var settings = Settings()
        settings.camera = [camera]
        settings.inspect = [inspection]
        settings.recipe = [recipe]
        return settings
    }()

    /// The complete settings file with all defaults, each key with its range and meaning: what the package
    /// installs.
    package var annotatedFile: String {
        var file = AnnotatedFile()
        file.add(value, Settings.file, name: "", isElement: false)
        return file.lines.joined(separator: "\n") + "\n"
    }
}

/// Writes tables with a comment per key.
private struct AnnotatedFile {
    var lines = [
        "# Linewatch settings. Every value is the default, but for those marked \"required\" or \"example\".",
        "# 'linewatch config check' finds mistakes; 'systemctl reload linewatch' puts changes in force.",
    ]

    /// Values that are there to show a form, and are not defaults.
    private static let examples: Set<String> = [
        "camera.name", "camera.match", "inspect.roi", "recipe.inspect",
    ]

    mutating func add(_ value: SettingValue, _ description: TableDescription, name: String, isElement: Bool) {
        guard case .table(let keys, let values) = value else { return }
        if !name.isEmpty {
            let header = isElement ? "[[\(name)]]" : "[\(name)]"
            lines += ["", line(header, description.meaning)]
        }
        for key in keys {
            guard let value = values[key], let setting = description[key], value != .absent else { continue }
            let path = name.isEmpty ? key : "\(name).\(key)"
            switch (setting.kind, value) {
            case (.tables(let inner, _), .list(let elements)):
                for element in elements { add(element, inner, name: path, isElement: true) }
            case (.table(let inner), _) where !inner.isInline:
                add(value, inner, name: path, isElement: false)
            default:
                addKey("\(key) = \(value.toml)", comment(setting, path))
            }
        }
    }

    private func comment(_ setting: SettingDescription, _ path: String) -> String {
        var parts = setting.isRequired ? ["required"] : []
        if Self.examples.contains(path) { parts.append("example") }
        switch setting.kind {
        case .integer, .number:
            parts.append("\(setting.unit.isEmpty ? "" : "\(setting.unit) ")[\(setting.kind.allowed)]")
        case .choice, .text: parts.append(setting.kind.allowed)
        case .list(.choice(let words), _): parts.append(words.joined(separator: ", "))
        case .table(let inner):
            parts += inner.settings.map { inner in
                if case .text = inner.kind { return "\(inner.name): \(inner.meaning)" }
                return "\(inner.name): \(inner.allowedWithUnit)"
            }
        default: break
        }
        if !setting.meaning.isEmpty { parts.append(setting.meaning) }
        return parts.joined(separator: "; ")
    }

    private func line(_ text: String, _ comment: String) -> String {
        guard !comment.isEmpty else { return text }
        return text + String(repeating: " ", count: max(33 - text.count, 2)) + "# " + comment
    }

    /// The key with its comment behind it, or above it where that would be too wide.
    private mutating func addKey(_ key: String, _ comment: String) {
        let whole = line(key, comment)
        guard whole.count > 110 else {
            lines.append(whole)
            return
        }
        var row = "#"
        for word in comment.split(separator: " ") {
            if row.count + word.count + 1 > 108 {
                lines.append(row)
                row = "#  "
            }
            row += " \(word)"
        }
        lines += [row, key]
    }
}
