import Configuration
import Glibc

extension CheckReport {
    /// The two sockets: whether they are there, for whom.
    package static func sockets(of box: Box) -> [Check] {
        [
            socket("plc socket", box.settings.plc.socket, group: "linewatch-plc", box.machine),
            socket("admin socket", box.settings.admin.socket, group: "linewatch-admin", box.machine),
        ]
    }

    private static func socket(_ name: String, _ path: String, group: String, _ machine: Machine) -> Check {
        var status = stat()
        // The path is a C string for the call, which fills the status.
        guard unsafe stat(machine.path(path), &status) == 0 else {
            return .warn(
                name, "'\(path)' is not there.",
                remedy: "Run 'systemctl start linewatch-plc.socket linewatch-admin.socket'.")
        }
        return socket(
            name, path, isSocket: status.st_mode & S_IFMT == S_IFSOCK, mode: status.st_mode & 0o777,
            group: groupName(status.st_gid), expected: group)
    }

    /// What to say of a socket with `mode` and `group`, where members of `expected` shall use it.
    package static func socket(
        _ name: String, _ path: String, isSocket: Bool, mode: UInt32, group: String, expected: String
    ) -> Check {
        guard isSocket else {
            return .fail(name, "'\(path)' is not a socket.", remedy: "Move it away and restart the daemon.")
        }
        let detail = "'\(path)': mode 0\(String(mode, radix: 8)), group \(group)."
        guard mode & 0o007 == 0 else {
            return .fail(name, detail, remedy: "Everybody may use it: set SocketMode=0660 in its unit.")
        }
        guard group == expected else {
            return .warn(
                name, detail,
                remedy: "Set SocketGroup=\(expected) in its unit, or start the daemon by systemd.")
        }
        guard mode & 0o060 == 0o060 else {
            return .warn(name, detail, remedy: "Its group may not use it: set SocketMode=0660 in its unit.")
        }
        return .pass(name, detail)
    }

    /// What this user may do.
    package static func role(of machine: Machine) -> Check {
        let name = "own role"
        guard geteuid() != 0 else { return .pass(name, "admin (root).") }
        let groups = machine.value(of: "Groups", in: "proc/self/status")?.split(separator: " ") ?? []
        let names = groups.compactMap { UInt32($0) }.map(groupName)
        return role(groups: names)
    }

    /// What a user in `groups` may do.
    package static func role(groups: [String]) -> Check {
        let name = "own role"
        if groups.contains("linewatch-admin") { return .pass(name, "admin (group linewatch-admin).") }
        let remedy = "Run 'sudo adduser USER linewatch-admin' and log in again."
        guard groups.contains("linewatch-plc") else {
            return .warn(name, "none: neither in linewatch-plc nor in linewatch-admin.", remedy: remedy)
        }
        return .warn(name, "plc only (group linewatch-plc).", remedy: remedy)
    }

    /// The unit of the daemon, where the machine has systemd.
    package static func service(of box: Box) -> [Check] {
        guard box.machine.root == "/", box.machine.exists("/run/systemd/system") else { return [] }
        var checks = [activity(output(of: "systemctl is-active linewatchd.service 2>/dev/null"))]
        let exposure = output(of: "systemd-analyze security --no-pager linewatchd.service 2>/dev/null")
        if let check = self.exposure(exposure) { checks.append(check) }
        return checks
    }

    /// What to say of a unit of which systemctl says `word`.
    package static func activity(_ word: String) -> Check {
        let name = "service"
        let word = word.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "unknown"
        guard word != "active" else { return .pass(name, "linewatchd.service is active.") }
        return .warn(
            name, "linewatchd.service is \(word).",
            remedy: word == "failed"
                ? "Read 'journalctl -u linewatchd', then 'systemctl restart linewatchd'."
                : "Run 'systemctl enable --now linewatchd'.")
    }

    /// What to say of the exposure in the last line of `systemd-analyze security`; nil where there is none.
    package static func exposure(_ text: String) -> Check? {
        let match = text.matches(of: /exposure level for [^:]*: ([0-9]+\.[0-9]+)/).last
        guard let match, let score = Double(match.1) else { return nil }
        let name = "exposure"
        guard score > 1 else { return .pass(name, "\(match.1) of 10.") }
        return .warn(
            name, "\(match.1) of 10, at most 1.0 is meant.",
            remedy: "See what changes the unit: 'systemctl cat linewatchd'.")
    }

    /// What the shell's `command` prints; "" if it cannot be run.
    private static func output(of command: String) -> String {
        // The stream is closed below; the buffer lives through each call, which fills at most its count.
        guard let stream = unsafe popen(command, "r") else { return "" }
        defer { unsafe pclose(stream) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < 1 << 20 {
            let count = unsafe fread(&part, 1, part.count, stream)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func groupName(_ id: UInt32) -> String {
        // The entry is the C library's own until the next call; its name is copied at once.
        guard let entry = unsafe getgrgid(id), let name = unsafe entry.pointee.gr_name else { return "\(id)" }
        return unsafe String(cString: name)
    }
}
