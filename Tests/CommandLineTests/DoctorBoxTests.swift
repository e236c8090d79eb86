import Testing
import linewatch

/// What `linewatch doctor` says of a box: its settings, service, disk, and its daemon.
struct DoctorBoxTests {
    private static let settings = """
        [station]
        id = "ST10"
        [[camera]]
        id = 1
        name = "top"
        source = "simulated"
        [[inspect]]
        name = "weld"
        camera = 1
        """

    private func checks(
        _ files: [String: String], _ report: StationReport? = nil
    ) throws -> [Check] {
        try PretendMachine(files).result { machine in
            CheckReport.allChecks(
                of: Box(machine: machine, socket: "/x", report: report, silence: "nobody answers."))
        }
    }

    private func named(_ name: String, _ checks: [Check]) -> Check? { checks.first { $0.name == name } }

    @Test("without settings the settings fail, with the command that makes them; mistakes are shown")
    func noSettings() throws {
        let none = try #require(named("settings", try checks([:])))
        #expect(none.status == .fail && none.remedy?.contains("config show --default") == true)
        let wrong = try checks(["etc/linewatch/linewatch.toml": Self.settings + "\ndeadlin_ms = 1\n"])
        let check = try #require(named("settings", wrong))
        #expect(check.status == .fail && check.detail.contains("deadlin_ms"))
        let good = try checks(["etc/linewatch/linewatch.toml": Self.settings])
        #expect(named("settings", good)?.status == .pass)
    }

    @Test("every check of a box without a daemon is a pass, or says what to do")
    func daemonless() throws {
        let found = try checks(["etc/linewatch/linewatch.toml": Self.settings])
        for check in found { #expect((check.remedy == nil) == (check.status == .pass), "\(check)") }
        #expect(named("daemon", found)?.detail == "nobody answers.")
        #expect(named("camera 1 (top)", found)?.detail == "simulated.")
        #expect(named("state folder", found)?.status == .warn)
        for name in ["own role", "plc socket", "admin socket", "clock"] { #expect(named(name, found) != nil) }
    }

    @Test("the clock is right where one of the markers is")
    func clock() throws {
        let files = ["etc/linewatch/linewatch.toml": Self.settings]
        #expect(named("clock", try checks(files))?.status == .warn)
        for marker in ["run/systemd/timesync/synchronized", "run/linewatch/clock-synced"] {
            #expect(named("clock", try checks(files.merging([marker: ""]) { $1 }))?.status == .pass)
        }
    }

    @Test(
        "a USB camera is held against the speed of its bus, which others share, and must not be put to sleep")
    func usb() throws {
        func camera(_ id: Int, fps: Double) -> StationReport.CameraRow {
            var row = StationReport.CameraRow()
            (row.id, row.state, row.device, row.fps) = (id, "streaming", "/dev/video\(id)", fps)
            (row.format, row.width, row.height) = ("GREY", 1_280, 1_024)
            return row
        }
        func row(_ fps: [Double], _ speed: String = "480", control: String = "on") throws -> Check? {
            var files = ["etc/linewatch/linewatch.toml": Self.settings]
            var report = StationReport()
            report.cameras = fps.enumerated().map { camera($0.offset + 1, fps: $0.element) }
            for number in 1...fps.count {
                let device = "sys/class/video4linux/video\(number)"
                files["\(device)/speed"] = speed
                files["\(device)/busnum"] = "2"
                files["\(device)/power/control"] = control
                files["\(device)/device/x"] = ""
            }
            return named("USB of camera 1", try checks(files, report))
        }
        let one = try #require(try row([30]))
        #expect(one.status == .pass && one.detail == "480 Mbit/s on bus 2; raw frames need 315 Mbit/s.")
        let two = try #require(try row([30, 30]))
        #expect(two.status == .warn && two.detail.contains("629 Mbit/s with 1 other camera"))
        #expect(try row([30, 30], "5000")?.status == .pass)
        #expect(try row([60])?.remedy?.contains("faster port") == true)
        #expect(try row([10], control: "auto")?.detail.contains("may be suspended") == true)
    }

    @Test("memory of the daemon that grows for hours is said; what settles, or is too young to tell, is not")
    func growth() throws {
        func row(up: Int, _ bytes: Int, warm: Int) throws -> Check? {
            var report = StationReport()
            report.up = up
            report.memory = StationReport.MemoryRow(
                metrics:
                    "# HELP\nlinewatch_memory_rss_bytes \(bytes)\nlinewatch_memory_rss_warm_bytes \(warm)\n")
            return named("daemon memory", try checks(["etc/linewatch/linewatch.toml": Self.settings], report))
        }
        #expect(try row(up: 300, 90_000_000, warm: 0)?.status == .pass)
        #expect(try row(up: 87_000, 90_500_000, warm: 90_000_000)?.status == .pass)
        let grown = try #require(try row(up: 87_000, 110_000_000, warm: 90_000_000))
        #expect(grown.status == .warn && grown.detail.contains("+20.0 MB a day"))
        #expect(try row(up: 87_000, 0, warm: 0) == nil)
    }

    @Test("the journal is kept on the disk and takes enough lines, or says what to do")
    func journal() throws {
        let conf = "etc/systemd/journald.conf", kept = "var/log/journal/x"
        let extra = "etc/systemd/journald.conf.d/90.conf"
        let cases: [([String: String], Check.Status?, String)] = [
            ([:], nil, ""), ([conf: "[Journal]\n#Storage=auto"], .warn, "in memory"),
            ([conf: "[Journal]", kept: ""], .pass, "kept on the disk."),
            ([conf: "Storage=persistent\nSystemMaxUse=200M"], .pass, "at most 200M"),
            ([conf: "Storage=persistent", extra: "Storage=none"], .warn, "nothing is kept"),
            ([conf: "Storage=volatile", kept: ""], .warn, "in memory"),
            ([conf: "RateLimitBurst=100", kept: ""], .warn, "only 100 lines"),
            ([conf: "RateLimitBurst=0", kept: ""], .pass, "kept"),
        ]
        for (files, status, text) in cases {
            let check = try PretendMachine(files).result(of: CheckReport.journal)
            #expect(
                check?.status == status && (check?.detail.contains(text) ?? true), "\(files): \(check as Any)"
            )
            #expect((check?.remedy == nil) == (check?.status != .warn))
        }
    }

    @Test("a running daemon's alarms, cameras, levels and readers are rows of their own")
    func running() throws {
        var report = StationReport()
        (report.state, report.isReady, report.alarms) = (5, true, AlarmRow.all(in: 0b10_0000))
        var camera = StationReport.CameraRow()
        (camera.id, camera.state, camera.reason) = (1, "lost", "stalled")
        report.cameras = [camera]
        var row = StationReport.InspectionRow()
        (row.inspect, row.level) = ("weld", "none")
        report.inspections = [row]
        var consumer = StationReport.ConsumerRow()
        (consumer.name, consumer.lag) = ("plc1", 200_000)
        report.consumers = [consumer]
        report.counters.ok = 10
        report.counters.p99Us = 90_000
        let found = try checks(["etc/linewatch/linewatch.toml": Self.settings], report)
        #expect(named("daemon", found)?.status == .pass)
        #expect(named("alarm", found)?.detail == "overload.")
        #expect(named("camera 1 (top)", found)?.status == .fail)
        #expect(named("calibration", found)?.remedy?.contains("teach") == true)
        #expect(named("reader", found)?.status == .warn)
        // The deadline of the settings is 80 ms.
        #expect(named("latency", found)?.status == .warn)
        camera.state = "streaming"
        report.cameras = [camera]
        report.counters.p99Us = 70_000
        let well = try checks(["etc/linewatch/linewatch.toml": Self.settings], report)
        #expect(named("camera 1 (top)", well)?.status == .pass && named("latency", well)?.status == .pass)
    }

    @Test(
        "a socket is for its group only",
        arguments: [
            (true, 0o660 as UInt32, "linewatch-plc", Check.Status.pass),
            (true, 0o666, "linewatch-plc", .fail),
            (true, 0o660, "root", .warn), (true, 0o600, "linewatch-plc", .warn),
            (false, 0o660, "linewatch-plc", .fail),
        ])
    func sockets(isSocket: Bool, mode: UInt32, group: String, status: Check.Status) {
        let check = CheckReport.socket(
            "plc socket", "/run/linewatch/plc.sock", isSocket: isSocket, mode: mode, group: group,
            expected: "linewatch-plc")
        #expect(check.status == status, "\(check)")
    }

    @Test("a slow disk is one whose commits take over half of the shortest deadline")
    func disk() {
        #expect(CheckReport.durability(p50: 200, p99: 39_000, deadline: 80_000).status == .pass)
        #expect(CheckReport.durability(p50: 200, p99: 41_000, deadline: 80_000).status == .warn)
        #expect(CheckReport.durability(p50: 200, p99: 41_000, deadline: nil).status == .pass)
        #expect(CheckReport.room(free: 2 << 30, store: 1 << 30).status == .pass)
        #expect(CheckReport.room(free: 512 << 20, store: 1 << 30).status == .warn)
        #expect(CheckReport.room(free: 8 << 20, store: 1 << 30).status == .fail)
    }

    @Test("the unit's state and exposure are read from what systemd prints")
    func systemd() {
        #expect(CheckReport.activity("active\n").status == .pass)
        #expect(CheckReport.activity("failed\n").remedy?.contains("journalctl") == true)
        #expect(CheckReport.activity("").detail == "linewatchd.service is unknown.")
        let text = "x NAME\n\u{2192} Overall exposure level for linewatchd.service: 0.7 SAFE :-)\n"
        #expect(CheckReport.exposure(text) == .pass("exposure", "0.7 of 10."))
        #expect(CheckReport.exposure(text.replacing("0.7", with: "9.6"))?.status == .warn)
        #expect(CheckReport.exposure("Unit not found.") == nil)
        #expect(CheckReport.role(groups: ["users", "linewatch-admin"]).status == .pass)
        #expect(CheckReport.role(groups: ["linewatch-plc"]).detail.hasPrefix("plc only"))
        #expect(CheckReport.role(groups: []).status == .warn)
    }
}
