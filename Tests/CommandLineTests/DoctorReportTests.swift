import FoundationEssentials
import Testing
import linewatch

/// How `linewatch doctor` shows what it found, and what it ends with.
struct DoctorReportTests {
    private let report = CheckReport(checks: [
        .pass("cores", "4 of 4 may be used."),
        .warn("huge pages", "never.", remedy: "Run 'echo madvise'."),
    ])

    @Test("the report has one line per check, with its remedy")
    func text() {
        #expect(
            report.text == """
                PASS  cores       4 of 4 may be used.
                WARN  huge pages  never. Remedy: Run 'echo madvise'.
                """)
    }

    @Test("the JSON has the worst status and every check")
    func json() throws {
        let decoded = try JSONDecoder().decode(Shown.self, from: Data(report.json().utf8))
        #expect(decoded.status == "WARN")
        #expect(decoded.checks.map(\.name) == ["cores", "huge pages"])
        #expect(decoded.checks.map(\.remedy) == [nil, "Run 'echo madvise'."])
    }

    @Test("the exit code is that of the worst check: 0, 8 for warnings, 7 for failures")
    func exitCode() {
        let failed = CheckReport(checks: report.checks + [.fail("models", "none.", remedy: "Install one.")])
        #expect(CheckReport(checks: []).status.exitCode == 0)
        #expect(report.status.exitCode == 8)
        #expect(failed.status.exitCode == 7)
    }

    private struct Shown: Decodable {
        let status: String
        let checks: [Row]
        struct Row: Decodable {
            let name: String
            let remedy: String?
        }
    }
}
