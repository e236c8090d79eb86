import Foundation
import Sockets
import Testing

/// C52 of LWP/1 with the real daemon.
@Suite("levels of calibration", .serialized)
struct CalibrationTests {
    @Test("C52: untaught, every part is UNSURE for want of a calibration, flagged, and alarm 6 stands")
    func untaught() throws {
        let service = try ServiceProcess(LinePlan())
        try service.start()
        let results = try service.results(20)
        for result in results {
            #expect(result.number("v") == 3 && result.number("rs") == 23, "\(result.text)")
            #expect(result.hasFlag(6) && result.hasFlag(1), "\(result.text)")
        }
        let client = try service.client()
        #expect((try client.ask("state").number("al") ?? 0) >> 6 & 1 == 1)
        #expect(try client.ask("stats").number("ok") == 0)
    }

    @Test("C52: after two taught parts OK is said, always flagged, with alarm 6 and without a rate anywhere")
    func provisional() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        let before = try service.last()
        let results = try service.results(3, after: before) { $0.number("v") == 1 }
        for result in results {
            #expect(result.hasFlag(6), "\(result.text)")
            #expect(result["calib"]?.integer != 0 && result["model"]?.text?.count == 12, "\(result.text)")
        }
        #expect((try service.client().ask("state").number("al") ?? 0) >> 6 & 1 == 1)

        let shown = try service.client().ask("threshold.show", [JSONMember("inspect", .text("casting"))])
        #expect(shown["level"]?.text == "provisional")
        #expect(shown["ppm"] == nil && shown["bound_ppm"] == nil, "\(shown.text)")
        #expect(try !service.command("metrics").output.contains("false_reject_bound_ppm{"))
        for line in ["threshold show", "threshold show --json", "status", "status --json"] {
            let run = try service.command(line)
            #expect(run.status == 0, "\(line): \(run.errors)")
            #expect(
                !run.output.contains("bound") && !run.output.contains("\"ppm\""), "\(line): \(run.output)")
            #expect(!run.output.contains("of good parts not accepted"), "\(line): \(run.output)")
        }
    }
}
