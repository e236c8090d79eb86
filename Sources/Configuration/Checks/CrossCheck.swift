import Imaging

/// Holds settings against each other: references, duplicates, and ranges that depend on another key.
///
/// Each setting by itself is in its range already.
struct CrossCheck {
    let settings: Settings
    /// The same settings with their origins, all files merged.
    let root: Node
    var findings: [Finding] = []

    init(_ settings: Settings, _ root: Node) {
        self.settings = settings
        self.root = root
    }

    /// All findings, cameras first.
    mutating func run() {
        for (index, camera) in settings.camera.enumerated() {
            guard let node = root["camera"]?[index] else { continue }
            check(camera, node)
        }
        refuseDuplicates(
            "camera", settings.camera.map { "\($0.id)" }, key: "id", of: "camera id", in: root["camera"])
        refuseDuplicates(
            "camera", settings.camera.map { quoted($0.name) }, key: "name", of: "camera name",
            in: root["camera"])
        for (index, inspection) in settings.inspect.enumerated() {
            guard let node = root["inspect"]?[index] else { continue }
            check(inspection, node)
        }
        refuseDuplicates(
            "inspect", settings.inspect.map { quoted($0.name) }, key: "name", of: "inspect name",
            in: root["inspect"])
        for (index, recipe) in settings.recipe.enumerated() {
            guard let node = root["recipe"]?[index] else { continue }
            check(recipe, node)
        }
        refuseDuplicates(
            "recipe", settings.recipe.map { "\($0.id)" }, key: "id", of: "recipe id", in: root["recipe"])
        checkInspectionCounts()
        checkDaemon()
    }

    /// The second and each later table of `list` whose `key` says the same as an earlier one.
    mutating func refuseDuplicates(
        _ table: String, _ names: [String], key: String, of what: String, in list: Node?
    ) {
        var seen: [String: Node] = [:]
        for (index, name) in names.enumerated() {
            // A key that is not given, or was refused, is no duplicate.
            guard let node = list?[index]?[key], node.value != .refused, name != quoted("") else { continue }
            if let first = seen[name] {
                findings.append(
                    .error(node.origin, "\(what) \(name) is already used at \(first.origin). Choose another"))
            } else {
                seen[name] = node
            }
        }
    }

    mutating func error(_ node: Node, _ key: String, _ message: String) {
        findings.append(.error(node[key]?.origin ?? node.origin, message))
    }

    mutating func warning(_ node: Node, _ key: String, _ message: String) {
        findings.append(.warning(node[key]?.origin ?? node.origin, message))
    }

    private mutating func check(_ recipe: RecipeSettings, _ node: Node) {
        let names = settings.inspect.map(\.name)
        for (index, name) in recipe.inspect.enumerated() where !names.contains(name) {
            let origin = node["inspect"]?[index]?.origin ?? node.origin
            findings.append(
                .error(
                    origin,
                    "\"inspect\" in [[recipe]] names \(quoted(name)), but no [[inspect]] has that name"
                        + Suggestion.clause(for: name, among: names)))
        }
    }

    private mutating func checkInspectionCounts() {
        for (index, camera) in settings.camera.enumerated() {
            guard let node = root["camera"]?[index], node["id"]?.value != .refused else { continue }
            let count = settings.inspect.count { $0.camera == camera.id }
            if count == 0, camera.source != .none {
                warning(node, "id", "camera \(camera.id) has no [[inspect]]: its frames are not judged")
            } else if count > 16 {
                error(node, "id", "camera \(camera.id) has \(count) [[inspect]], allowed are 1..16")
            }
        }
    }

    private mutating func checkDaemon() {
        if settings.plc.socket == settings.admin.socket {
            error(
                root["admin"] ?? root["plc"] ?? root, "socket",
                "\"socket\" in [plc] and in [admin] are both \(quoted(settings.admin.socket))")
        }
        if settings.store.sync == .normal {
            warning(
                root["store"] ?? root, "sync",
                "\"sync\" in [store] is \"normal\": results may be lost at a power cut. Use \"full\"")
        }
    }
}
