/// One thing that was looked at, and what was found.
package struct Check: Hashable, Encodable, Sendable {
    /// What was looked at, in a word or two.
    package let name: String
    package let status: Status
    /// What was found, with units.
    package let detail: String
    /// What to do about it; nil exactly if `status` is `pass`.
    package let remedy: String?

    package enum Status: String, Encodable, Sendable, Comparable, CaseIterable {
        case pass = "PASS"
        case warn = "WARN"
        case fail = "FAIL"

        /// What a command ends with whose worst check has this status.
        package var exitCode: Int32 {
            switch self {
            case .pass: 0
            case .warn: 8
            case .fail: 7
            }
        }

        /// Orders by how bad it is.
        package static func < (left: Status, right: Status) -> Bool {
            severity(left) < severity(right)
        }

        private static func severity(_ status: Status) -> Int {
            switch status {
            case .pass: 0
            case .warn: 1
            case .fail: 2
            }
        }
    }

    package static func pass(_ name: String, _ detail: String) -> Check {
        Check(name: name, status: .pass, detail: detail, remedy: nil)
    }

    package static func warn(_ name: String, _ detail: String, remedy: String) -> Check {
        Check(name: name, status: .warn, detail: detail, remedy: remedy)
    }

    package static func fail(_ name: String, _ detail: String, remedy: String) -> Check {
        Check(name: name, status: .fail, detail: detail, remedy: remedy)
    }
}
