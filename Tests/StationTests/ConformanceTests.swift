import Foundation
import Testing
import linewatch

/// The rows of the protocol's table against a real log behind real sockets, one station for each row.
@Suite("LWP/1 conformance", .serialized)
struct ConformanceTests {
    @Test("a scripted station conforms", arguments: ConformanceCheck.all.map(\.name))
    func row(name: String) throws {
        let check = try #require(ConformanceCheck.all.first { $0.name == name })
        let station = try StationProcess()
        // A log with something in it; C35 needs retention to have happened.
        try station.start("--rate", "500", "--records", name == "C35" ? "1000" : "1000000", "--block", "100")
        Thread.sleep(forTimeInterval: name == "C35" ? 4 : 0.6)
        if name != "C35" {
            #expect(station.stop() == 0)
            if name == "C51" { try station.start("--fast") } else { try station.start() }
        }
        let isLong = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"
        let outcome = check.run(on: ConformanceTarget(socket: station.plc, isLong: isLong))
        #expect(outcome == .passed, "\(name), \(check.title)")
    }
}
