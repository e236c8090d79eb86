/// One value that is in force, and where it came from.
package struct EffectiveSetting: Sendable {
    /// `camera[1].match.serial`, `inspect[weld].deadline_ms`: elements of arrays by their id or name.
    package let path: String
    package let value: SettingValue
    package let origin: Origin
    /// What a change of it takes.
    package let change: ChangeScope
    /// The id of the camera that it belongs to, or nil.
    package let camera: Int?
    /// The paths of the array elements it is part of, outermost first: `camera[1]`, `camera[1].roi[weld]`.
    package let elements: [String]
}

extension LoadedSettings {
    /// Every value with its origin, in the order of the description.
    package var effective: [EffectiveSetting] {
        var listing = EffectiveListing(folders: folders)
        listing.add(settings.value, root, Settings.file, prefix: "", elements: [], camera: nil)
        return listing.settings
    }
}

private struct EffectiveListing {
    let folders: ServiceFolders
    var settings: [EffectiveSetting] = []

    mutating func add(
        _ value: SettingValue, _ node: Node?, _ description: TableDescription, prefix: String,
        elements: [String], camera: Int?
    ) {
        guard case .table(let keys, let values) = value else { return }
        for key in keys {
            guard let value = values[key], value != .absent else { continue }
            let setting = description[key]
            let path = prefix.isEmpty ? key : "\(prefix).\(key)"
            switch (setting?.kind, value) {
            case (.table(let inner), _):
                add(value, node?[key], inner, prefix: path, elements: elements, camera: camera)
            case (.tables(let inner, _), .list(let list)):
                for (index, element) in list.enumerated() {
                    let identity = element[inner.identity ?? ""]
                    let elementPath = "\(path)[\(Self.name(identity) ?? "\(index)")]"
                    var owner = camera
                    if path == "camera", case .integer(let id) = identity { owner = id }
                    add(
                        element, node?[key]?[index], inner, prefix: elementPath,
                        elements: elements + [elementPath], camera: owner)
                }
            default:
                settings.append(
                    EffectiveSetting(
                        path: path, value: value, origin: origin(of: node?[key], path),
                        change: setting?.change ?? .camera, camera: camera, elements: elements))
            }
        }
    }

    private func origin(of node: Node?, _ path: String) -> Origin {
        if let node, node.value != .refused { return node.origin }
        switch path {
        case "store.dir", "model.path":
            return folders.state == ServiceFolders().state ? .standard : .environment("LINEWATCH_STATE_DIR")
        case "plc.socket", "admin.socket", "metrics.textfile":
            return folders.runtime == ServiceFolders().runtime
                ? .standard : .environment("LINEWATCH_RUNTIME_DIR")
        default: return .standard
        }
    }

    private static func name(_ identity: SettingValue?) -> String? {
        switch identity {
        case .text(let text): text
        case .integer(let integer): "\(integer)"
        default: nil
        }
    }
}

extension SettingValue {
    fileprivate subscript(key: String) -> SettingValue? {
        if case .table(_, let values) = self { values[key] } else { nil }
    }
}
