import Testing
import linewatch

/// What `linewatch status` makes of a report.
struct StatusPageTests {
    private func page(_ report: StationReport) -> String {
        StatusPage(report).text.map(\.plain).joined(separator: "\n")
    }

    @Test("every alarm is said in words, with what to do")
    func alarms() {
        for bit in 0..<16 {
            var report = StationReport()
            report.alarms = AlarmRow.all(in: 1 << UInt32(bit))
            #expect(report.alarms.count == 1 && report.alarms[0].bit == bit)
            #expect(report.alarms[0].remedy.count > 20 && page(report).contains(report.alarms[0].remedy))
        }
        #expect(AlarmRow.all(in: 0b1_0000_0001).map(\.name) == ["camera lost", "clock not synchronised"])
        #expect(AlarmRow.all(in: 1 << 20).first?.name == "alarm 20")
    }

    @Test("a state in which nothing is inspected says what to do", arguments: [0, 1, 2, 6, 99])
    func idleStates(state: Int) {
        var report = StationReport()
        report.state = state
        let words = StateWords.describe(state)
        #expect(words.remedy != nil && page(report).contains(words.remedy ?? "?"))
    }

    @Test("only a calibrated inspection shows a rate")
    func rates() {
        var row = StationReport.InspectionRow()
        row.askedPpm = 5_000
        row.parts = 8
        row.missing = 590
        for (level, mode) in [("none", "ok_only"), ("provisional", "ok_only"), ("provisional", "fixed")] {
            (row.level, row.mode) = (level, mode)
            #expect(!row.statement.contains("%") && !row.statement.contains("ppm"), "\(row.statement)")
        }
        #expect(row.statement == "provisional: fixed limit, no rate")
        row.level = "calibrated"
        (row.boundPpm, row.confidence, row.parts) = (4_883, 0.95, 612)
        #expect(row.statement == "at most 0.49 % of good parts not accepted, 95 % sure, from 612 parts")
    }

    @Test("verdicts are counted with their shares, and without a division by nothing")
    func counters() {
        var report = StationReport()
        #expect(StatusPage.counters(report).plain == "OK 0   NG 0   UNSURE 0   INVALID 0")
        (report.counters.ok, report.counters.ng) = (5_711, 101)
        (report.counters.unsure, report.counters.invalid) = (7, 14)
        report.resultsPerMinute = 58.4
        #expect(
            StatusPage.counters(report).plain
                == "OK 5 711 (97.9 %)   NG 101 (1.7 %)   UNSURE 7 (0.1 %)   INVALID 14 (0.2 %)   58 per minute"
        )
    }

    @Test("a name from outside cannot steer the terminal")
    func controlCharacters() {
        var camera = StationReport.CameraRow()
        (camera.id, camera.name, camera.state) = (1, "\u{1B}[2Jtop\n", "streaming\u{9B}")
        var report = StationReport()
        report.cameras = [camera]
        report.station = "ST\u{7}10"
        for line in StatusPage(report).text {
            #expect(line.plain.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
        }
        #expect(page(report).contains("?[2Jtop?"))
    }

    @Test("what could not be asked for is named")
    func unknown() {
        var report = StationReport()
        report.unknown = ["cameras: only for admins"]
        #expect(page(report).hasSuffix("not known: cameras: only for admins"))
    }
}

/// How figures are said.
struct WordingTests {
    @Test("numbers are grouped by thousands")
    func groups() {
        #expect(
            [0, 999, 1_000, 1_234_567, -4_321].map { grouped($0) } == [
                "0", "999", "1 000", "1 234 567", "-4 321",
            ])
    }

    @Test("bytes, times and rates are said in the unit that fits")
    func units() {
        #expect(
            [0, 999, 12_345, 230_000_000, 12_300_000_000].map { readable(bytes: $0) }
                == ["0 bytes", "999 bytes", "12.3 kB", "230 MB", "12.3 GB"])
        #expect(
            [0, 59, 65, 3_600, 90_061].map { readable(seconds: $0) }
                == ["0 s", "59 s", "1 min 5 s", "1 h", "1 d 1 h"])
        #expect(
            [5_000, 10_000, 4_883, 500, 12.34].map { readable(ppm: $0) }
                == ["0.5 %", "1 %", "0.49 %", "500 ppm", "12.3 ppm"])
        #expect(
            [38_100, 2_000_000, 1_250_000].map { readable(microseconds: $0) } == ["38.1 ms", "2 s", "1.25 s"])
    }

    @Test("the time of day follows the clock of the place, over midnight too")
    func clock() {
        #expect(clockTime(1_795_230_293_123, secondsFromUTC: 0) == "03:04:53")
        #expect(clockTime(1_795_230_293_123, secondsFromUTC: -4 * 3_600) == "23:04:53")
        #expect(clockTime(0, secondsFromUTC: 5_400) == "01:30:00")
    }

    @Test("columns are as wide as their widest cell, and no line ends in blanks")
    func table() {
        #expect(columns([["a", "1", "x"], ["long", "22", ""]], right: [1]) == ["a      1  x", "long  22"])
        #expect(columns([]) == [])
    }
}
