import Foundation
import Testing

/// How commands that ask a daemon end (OPERATIONS O5), run as a script runs them.
@Suite("exit codes", .serialized)
struct ExitCodeTests {
    @Test(
        "a command whose daemon is not there ends with 3 and says which socket",
        arguments: [
            ["events", "stats"], ["events", "get"], ["events", "tail"], ["events", "export"],
            ["consumer", "list"], ["consumer", "drop", "x", "--yes"], ["conform"],
        ])
    func unreachable(arguments: [String]) throws {
        let run = try CommandRun(arguments + ["--socket", "/tmp/lw-nobody-serves-this.sock"])
        #expect(run.status == 3, "\(run.errors)")
        #expect(run.errors.contains("No daemon serves '/tmp/lw-nobody-serves-this.sock'"), "\(run.errors)")
        #expect(run.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "a command that the daemon refuses for its role ends with 6, wrong usage with 2, other refusals with 1"
    )
    func refused() throws {
        let station = try StationProcess()
        try station.start("--records", "1000")
        var run = try CommandRun(["consumer", "list", "--socket", station.plc])
        #expect(run.status == 6, "\(run.errors)")
        #expect(run.errors.contains("forbidden (error 5)"))
        run = try CommandRun(["consumer", "drop", "nobody", "--yes", "--socket", station.admin])
        #expect(run.status == 1, "\(run.errors)")
        run = try CommandRun(["consumer", "drop", "nobody", "--socket", station.admin])
        #expect(run.status == 2, "\(run.errors)")
        run = try CommandRun(["events", "stats", "--nonsense"])
        #expect(run.status == 2, "\(run.errors)")
        run = try CommandRun(["conform", "--only", "C999", "--socket", station.plc])
        #expect(run.status == 2, "\(run.errors)")
    }

    @Test("every answer in JSON names its schema")
    func schemas() throws {
        let station = try StationProcess()
        try station.start("--records", "1000")
        let asked = [
            (["events", "stats"], "linewatch.events.stats/1", station.plc),
            (["events", "get"], "linewatch.events.get/1", station.plc),
            (["events", "export"], "linewatch.events.export/1", station.plc),
            (["consumer", "list"], "linewatch.consumer.list/1", station.admin),
            (["conform", "--only", "C1"], "linewatch.conform/1", station.plc),
        ]
        for (arguments, schema, socket) in asked {
            let run = try CommandRun(arguments + ["--json", "--socket", socket])
            #expect(run.status == 0, "\(run.errors)")
            let lines = run.output.split(separator: "\n")
            #expect(!lines.isEmpty)
            for line in lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(object?["schema"] as? String == schema)
            }
        }
    }
}
