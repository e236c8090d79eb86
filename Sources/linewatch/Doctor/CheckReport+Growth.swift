extension CheckReport {
    /// Whether the daemon's memory grows: what is resident now against ten minutes after its start. Nil where no daemon
    /// tells.
    package static func growth(of box: Box) -> Check? {
        let name = "daemon memory"
        guard let report = box.report, let memory = report.memory, memory.bytes > 0 else { return nil }
        let now = "\(decimals(Double(memory.bytes) / 1e6, 1)) MB"
        // The same ten minutes as the daemon's, and one hour more: less says nothing of a day.
        let warmUp = 600, span = report.up - warmUp
        guard memory.warmBytes > 0, span >= 3_600 else {
            return .pass(name, "\(now); an hour and ten minutes after its start this says how it grows.")
        }
        let grown = Double(memory.bytes - memory.warmBytes)
        let perDay = grown / Double(span) * 86_400
        let sign = grown < 0 ? "" : "+"
        let detail =
            "\(now), \(sign)\(decimals(grown / 1e6, 1)) MB in \(readable(seconds: span)), "
            + "\(sign)\(decimals(perDay / 1e6, 1)) MB a day."
        // Below four MiB in all it may be one page more here and there: the bar for a day is one.
        guard perDay > Double(1 << 20), grown > Double(4 << 20) else { return .pass(name, detail) }
        return .warn(
            name, detail,
            remedy: "Nothing of it should grow for days: report it with the output of 'linewatch metrics'.")
    }
}
