/// `[store]`: the durable event log.
package struct StoreSettings: SettingTable {
    package enum Synchronisation: String, CaseIterable, Sendable {
        case full
        /// Results may be lost at a power cut.
        case normal
    }

    package enum FullDisk: String, CaseIterable, Sendable {
        /// Run on; every part is INVALID.
        case invalid
        case stop
    }

    package var dir = "/var/lib/linewatch"
    package var records = 1_000_000
    /// MiB.
    package var mib = 512
    package var days = 30
    /// Times the limits, for records that nobody acknowledged.
    package var holdFactor = 2
    package var sync = Synchronisation.full
    package var groupCommit = Duration.milliseconds(2)
    /// Sequence numbers reserved ahead.
    package var seqBlock = 1000
    /// MiB; below it images stop.
    package var minFreeMiB = 1024
    /// MiB.
    package var ballastMiB = 16
    package var onDiskFull = FullDisk.invalid
    package var jsonlMirror = false
    /// MiB per file.
    package var jsonlMiB = 64

    package init() {}

    package static let settings: [Setting<StoreSettings>] = [
        .text("dir", \.dir, .filledPath, "").restarting(.restart),
        .integer("records", \.records, 1000...100_000_000, "records", ""),
        .integer("mib", \.mib, 64...1_048_576, "MiB", ""),
        .integer("days", \.days, 1...3650, "days", ""),
        .integer("hold_factor", \.holdFactor, 1...10, "", "x limits for unacknowledged records"),
        .choice("sync", \.sync, "normal warns at every start: results may be lost at power cut")
            .restarting(.restart),
        .duration("group_commit_ms", \.groupCommit, 0...50, .milliseconds, ""),
        .integer("seq_block", \.seqBlock, 100...1_000_000, "numbers", "reserved ahead"),
        .integer("min_free_mib", \.minFreeMiB, 64...1_048_576, "MiB", "images stop below this"),
        .integer("ballast_mib", \.ballastMiB, 4...256, "MiB", "freed when the disk is full"),
        .choice(
            "on_disk_full", \.onDiskFull, "invalid: run, every part INVALID; stop: state error"),
        .flag("jsonl_mirror", \.jsonlMirror, "rotated JSON Lines copy in dir/export"),
        .integer("jsonl_mib", \.jsonlMiB, 1...10_240, "MiB", "per file, 4 files"),
    ]
}
