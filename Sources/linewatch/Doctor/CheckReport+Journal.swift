extension CheckReport {
    /// Whether the journal, where the daemon says what happened, outlives a restart of the machine and takes all that
    /// is said. Nil where the machine has no journald.
    package static func journal(of machine: Machine) -> Check? {
        let name = "journal"
        let main = "/etc/systemd/journald.conf"
        guard machine.exists(main) || machine.exists("/run/systemd/journal") else { return nil }
        var texts = [machine.text(String(main.dropFirst())) ?? ""]
        let dropIns = "etc/systemd/journald.conf.d"
        // In the order of their names: a later one wins.
        texts += machine.names(in: dropIns).filter { $0.hasSuffix(".conf") }.map {
            machine.text("\(dropIns)/\($0)") ?? ""
        }
        func value(_ key: String) -> String? {
            texts.flatMap { $0.split(separator: "\n") }.last { $0.hasPrefix(key + "=") }
                .map { String($0.dropFirst(key.count + 1)) }
        }
        let storage = value("Storage") ?? "auto"
        let isKept = storage == "persistent" || (storage == "auto" && machine.isFolder("/var/log/journal"))
        guard storage != "none" else {
            return .warn(
                name, "Storage=none: nothing is kept.", remedy: "Set Storage=persistent in \(main).")
        }
        guard isKept else {
            return .warn(
                name, "in memory only: lost when the machine restarts.",
                remedy: "Run 'sudo mkdir -p /var/log/journal && sudo systemctl restart systemd-journald'.")
        }
        // systemd's own default; 0 is without limit.
        let burst = value("RateLimitBurst").flatMap { Int($0) } ?? 10_000
        guard burst == 0 || burst >= 1_000 else {
            return .warn(
                name, "kept on the disk, but only \(grouped(burst)) lines at once: a bad day has more.",
                remedy: "Set RateLimitBurst=10000 in \(main).")
        }
        let room = value("SystemMaxUse").map { ", at most \($0)" } ?? ""
        return .pass(name, "kept on the disk\(room).")
    }
}
