import Foundation
import Testing

private let units = Command.root.appending(path: "Packaging/systemd")

private func text(_ name: String) throws -> String {
    try String(contentsOf: units.appending(path: name), encoding: .utf8)
}

@Test(
    "systemd calls the exposure of the daemon 1.0 or less",
    .enabled(if: Command.isInstalled("systemd-analyze"), "systemd-analyze is not installed"))
func exposure() throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "linewatch-units-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = root.appending(path: "etc/systemd/system")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try text("linewatchd.service").write(
        to: folder.appending(path: "linewatchd.service"), atomically: true, encoding: .utf8)

    // Ends with an error where the level, in tenths, is above the threshold.
    let analysis = try #require(
        try Command(
            "systemd-analyze", "security", "--offline=true", "--threshold=10", "--no-pager",
            "--root=\(root.path)", "linewatchd.service"))
    #expect(analysis.status == 0, "\(analysis.output)")
    #expect(analysis.output.contains("Overall exposure level"))
}

@Test(
    "the daemon's unit has no private user namespace and no runtime folder, which would break roles and sockets"
)
func forbiddenSettings() throws {
    let settings = try text("linewatchd.service").split(separator: "\n").filter { !$0.hasPrefix("#") }
    for setting in ["PrivateUsers=", "RuntimeDirectory=", "BindsTo=", "Requires=dev-"] {
        #expect(!settings.contains { $0.hasPrefix(setting) }, "\(setting)")
    }
}

@Test("each socket unit has its name, its group and the daemon's backlog")
func sockets() throws {
    for name in ["plc", "admin"] {
        let unit = try text("linewatch-\(name).socket")
        for line in [
            "ListenStream=/run/linewatch/\(name).sock", "FileDescriptorName=\(name)", "SocketMode=0660",
            "SocketGroup=linewatch-\(name)", "Backlog=64", "Service=linewatchd.service",
        ] {
            #expect(unit.contains("\n\(line)\n"), "\(line)")
        }
    }
}

@Test("re-clustering gives way to everything, has a limit of memory, and is started by its timer each night")
func recluster() throws {
    let service = try text("linewatch-recluster.service"), timer = try text("linewatch-recluster.timer")
    for line in [
        "ExecStart=/usr/bin/linewatch type recluster", "User=linewatch",
        "SupplementaryGroups=linewatch-admin", "Nice=19", "CPUSchedulingPolicy=idle", "MemoryMax=500M",
        "NoNewPrivileges=yes", "PrivateNetwork=yes",
    ] {
        #expect(service.contains("\n\(line)\n"), "\(line)")
    }
    #expect(timer.contains("\nOnCalendar=") && timer.contains("\nWantedBy=timers.target\n"))
    for script in ["postinst", "postrm", "prerm"] {
        let path = Command.root.appending(path: "Packaging/debian/\(script)")
        #expect(
            try String(contentsOf: path, encoding: .utf8).contains("linewatch-recluster.timer"), "\(script)")
    }
}
