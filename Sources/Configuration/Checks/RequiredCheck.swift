/// Finds what only shows in all files together: required keys that none gives, and too many tables.
struct RequiredCheck {
    private(set) var findings: [Finding] = []

    /// Looks through `node`, all files merged; `fallback` is where a table that is missing should stand.
    mutating func look(
        through node: Node, _ description: TableDescription, label: String = "", fallback: Origin
    ) {
        guard node.value != .refused else { return }
        let origin = node.origin == .standard ? fallback : node.origin
        for setting in description.settings {
            let value = node[setting.name]
            if setting.isRequired, value == nil {
                findings.append(
                    .error(
                        origin,
                        "required key \(quoted(setting.name)) is missing in \(label) "
                            + "(\(setting.allowedWithUnit))"))
            }
            switch setting.kind {
            case .table(let inner) where !inner.isInline:
                look(
                    through: value ?? Node(.table(NodeTable()), origin: .standard), inner,
                    label: SettingCheck.label(of: setting.name, inner, in: label, isArray: false),
                    fallback: origin)
            case .tables(let inner, let count):
                let innerLabel = SettingCheck.label(of: setting.name, inner, in: label, isArray: true)
                if count.lowerBound > 0, value == nil {
                    findings.append(
                        .error(origin, "\(innerLabel) is missing, allowed are \(setting.kind.allowed)"))
                }
                if let list = value?.list, list.count > count.upperBound {
                    findings.append(
                        .error(
                            list[count.upperBound].origin,
                            "there are \(list.count) \(innerLabel) in all files, allowed are "
                                + setting.kind.allowed))
                }
                for element in value?.list ?? [] {
                    look(through: element, inner, label: innerLabel, fallback: origin)
                }
            default: break
            }
        }
    }
}
