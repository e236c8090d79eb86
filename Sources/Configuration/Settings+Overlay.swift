extension Node {
    /// This node with the value of `overlay` in it; what does not fit becomes a finding of `check`.
    ///
    /// An element of an array of tables is found by its id or name; one that is not there gives a warning,
    /// since what the daemon keeps may be older than the file.
    func applying(_ overlay: SettingOverlay, _ check: inout SettingCheck) -> Node {
        applying(overlay, overlay.path[...], Settings.file, "", &check)
    }

    private func applying(
        _ overlay: SettingOverlay, _ path: ArraySlice<String>, _ description: TableDescription,
        _ label: String,
        _ check: inout SettingCheck
    ) -> Node {
        let whole = quoted(overlay.path.joined(separator: "."))
        guard let key = path.first, let setting = description[key] else {
            check.note(.error(overlay.origin, "there is no setting \(whole)"))
            return self
        }
        var table = self.table ?? NodeTable()
        let rest = path.dropFirst()
        switch setting.kind {
        case .table(let inner) where !rest.isEmpty:
            let innerLabel = SettingCheck.label(of: key, inner, in: label, isArray: false)
            let node = table[key] ?? Node(.table(NodeTable()), origin: .standard)
            table[key] = node.applying(overlay, rest, inner, innerLabel, &check)
        case .tables(let inner, _) where rest.count > 1:
            var list = table[key]?.list ?? []
            guard
                let index = list.firstIndex(where: { $0.isNamed(rest[rest.startIndex], by: inner.identity) })
            else {
                check.note(
                    .warning(overlay.origin, "\(whole) is kept, but nothing in the settings has that name"))
                return self
            }
            let innerLabel = SettingCheck.label(of: key, inner, in: label, isArray: true)
            list[index] = list[index].applying(overlay, rest.dropFirst(), inner, innerLabel, &check)
            table[key]?.value = .list(list)
        default:
            let node = Node(overlay.value, origin: overlay.origin)
            let checked = check.checked(node, key, setting.kind, setting.unit, label)
            if checked.value != .refused { table[key] = checked }
        }
        return Node(.table(table), origin: origin)
    }

    private func isNamed(_ name: String, by identity: String?) -> Bool {
        switch identity.flatMap({ self[$0] })?.value {
        case .text(let text): text == name
        case .integer(let integer): "\(integer)" == name
        default: false
        }
    }
}

/// The environment's six variables (O1); `LINEWATCH_CONFIG` is for who names the main file.
struct EnvironmentVariables {
    private(set) var folders = ServiceFolders()
    private(set) var overlays: [SettingOverlay] = []
    private(set) var findings: [Finding] = []

    init(_ environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        folders.runtime = folder("LINEWATCH_RUNTIME_DIR", value, 96) ?? folders.runtime
        folders.state = folder("LINEWATCH_STATE_DIR", value, 4000) ?? folders.state
        if let models = value("LINEWATCH_MODELS") {
            let origin = Origin.environment("LINEWATCH_MODELS")
            let paths = models.split(separator: ":").map { Node(.text(String($0)), origin: origin) }
            overlays.append(SettingOverlay(["model", "path"], .list(paths), from: origin))
        }
        for (name, path) in [("LINEWATCH_ISA", ["infer", "isa"]), ("LINEWATCH_LOG", ["log", "level"])] {
            guard let text = value(name) else { continue }
            overlays.append(SettingOverlay(path, .text(text), from: .environment(name)))
        }
    }

    /// A folder that defaults are in; the sockets in it must fit into an address of 107 bytes.
    private mutating func folder(_ name: String, _ value: (String) -> String?, _ maximum: Int) -> String? {
        guard let path = value(name) else { return nil }
        guard path.hasPrefix("/"), path.utf8.count <= maximum else {
            let allowed = "a path from / of at most \(maximum) bytes"
            findings.append(.error(.environment(name), "\(quoted(path)) is not \(allowed)"))
            return nil
        }
        return path
    }
}
