/// What is different between two configurations, and what must be started anew for it (O3).
package struct SettingDifference: Sendable {
    package struct Change: Hashable, Sendable, CustomStringConvertible {
        /// As in `EffectiveSetting`; of the whole element where a camera, region or inspection came or went.
        package let path: String
        /// nil if it was not there; `.absent` for a whole element.
        package let old: SettingValue?
        /// nil if it is no longer there.
        package let new: SettingValue?
        package let scope: ChangeScope

        /// `inspect[weld].deadline_ms: 80 -> 120`, `camera[2]: added` or `camera[2]: removed`.
        package var description: String {
            switch (old, new) {
            case (let old?, let new?): "\(path): \(old.toml) -> \(new.toml)"
            case (nil, _): "\(path): added"
            case (_, nil): "\(path): removed"
            }
        }
    }

    /// In the order of the description; what is no longer there comes last.
    package private(set) var changes: [Change] = []
    /// The cameras that stop and start, by id, ascending; those that came or went too.
    package let cameras: [Int]
    /// Whether a reload is not enough.
    package var restartsDaemon: Bool { changes.contains { $0.scope == .restart } }

    package init(from old: LoadedSettings, to new: LoadedSettings) {
        let before = Listing(old), after = Listing(new)
        var found: [(change: Change, camera: Int?)] = []
        for setting in after.settings {
            if let value = before.values[setting.path] {
                guard value != setting.value else { continue }
                let change = Change(
                    path: setting.path, old: value, new: setting.value, scope: setting.change)
                found.append((change, setting.camera))
            } else {
                let (path, value, scope) = before.missing(setting)
                found.append((Change(path: path, old: nil, new: value, scope: scope), setting.camera))
            }
        }
        for setting in before.settings where after.values[setting.path] == nil {
            let (path, value, scope) = after.missing(setting)
            found.append((Change(path: path, old: value, new: nil, scope: scope), setting.camera))
        }

        let all = (old.settings.camera + new.settings.camera).map(\.id)
        let touched = found.filter { $0.change.scope == .camera }.flatMap { $0.camera.map { [$0] } ?? all }
        cameras = Set(touched).sorted()
        var seen: Set<Change> = []
        changes = found.map(\.change).filter { seen.insert($0).inserted }
    }
}

/// One side of the comparison.
private struct Listing {
    let settings: [EffectiveSetting]
    let values: [String: SettingValue]
    let elements: Set<String>

    init(_ loaded: LoadedSettings) {
        settings = loaded.effective
        values = Dictionary(settings.map { ($0.path, $0.value) }, uniquingKeysWith: { first, _ in first })
        elements = Set(settings.flatMap(\.elements))
    }

    /// What is missing here of `setting`, which the other side has: itself, or the element that holds it.
    func missing(_ setting: EffectiveSetting) -> (path: String, value: SettingValue, scope: ChangeScope) {
        guard let element = setting.elements.first(where: { !elements.contains($0) }) else {
            return (setting.path, setting.value, setting.change)
        }
        // The outermost element of a camera is the camera.
        let isCamera = setting.camera != nil && element == setting.elements.first
        return (element, .absent, isCamera ? .camera : .reload)
    }
}
