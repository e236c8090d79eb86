import FoundationEssentials

/// All checks of one run, and how they are shown.
package struct CheckReport: Encodable, Sendable {
    package let schema = "linewatch.doctor/1"
    /// The worst status of `checks`.
    package let status: Check.Status
    package let checks: [Check]

    package init(checks: [Check]) {
        self.checks = checks
        status = checks.map(\.status).max() ?? .pass
    }

    /// Runs every check on `machine`, in the order in which they are shown.
    package static func allChecks(of machine: Machine) -> [Check] {
        [
            instructionSets(of: machine),
            int8Peak(of: machine),
            cores(of: machine),
            governor(of: machine),
            caches(of: machine),
            hugePages(of: machine),
            lockedMemory(of: machine),
            models(of: machine),
        ]
    }

    /// One line per check: status, name, detail and, where there is one, the remedy.
    package var text: String {
        let width = checks.map(\.name.count).max() ?? 0
        return checks.map { check in
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            let remedy = check.remedy.map { " Remedy: \($0)" } ?? ""
            return "\(check.status.rawValue)  \(name)  \(check.detail)\(remedy)"
        }.joined(separator: "\n")
    }

    /// The same as one JSON object with `schema`, `status` and `checks`, its keys sorted.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
