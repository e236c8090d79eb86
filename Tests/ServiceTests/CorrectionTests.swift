import Foundation
import Sockets
import Testing

/// What operators say of results, and what teaching makes of it.
@Suite("corrections", .serialized)
struct CorrectionTests {
    @Test(
        "absorbed parts are learned, and missed defects practised with, by the next teaching that is asked to"
    )
    func corrections() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 10), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        func newest() throws -> Int64 {
            let last = try service.last()
            return try #require(try service.results(1, after: last).last?.number("seq"))
        }
        let good = try newest()
        var run = try service.command("mark \(good) ok --absorb")
        try #require(run.status == 0, "\(run.errors)")
        let bad = try newest()
        run = try service.command("mark \(bad) ng --box 40,60,30,20")
        try #require(run.status == 0, "\(run.errors)")
        let kept = service.state.appending(path: "inspections/casting")
        #expect(try Data(contentsOf: kept.appending(path: "proposed/\(good).png")).count > 1_000)
        #expect(
            try String(contentsOf: kept.appending(path: "missed/\(bad).box"), encoding: .utf8)
                == "40 60 30 20\n")

        let pictures = try Taught.pictures().path
        func taught(_ options: String) throws -> [String: Any] {
            let run = try service.command(
                "teach casting --quick --images \(pictures) --yes --json --keep-active\(options)")
            try #require(run.status == 0, "\(run.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8))
            return try #require(object as? [String: Any])
        }
        let plain = try taught("")
        #expect(plain["references"] as? Int == 2 && plain["marked"] as? Int == 0)
        let corrected = try taught(" --corrections")
        #expect(corrected["references"] as? Int == 3 && corrected["marked"] as? Int == 1, "\(corrected)")
        #expect(corrected["model"] as? String != plain["model"] as? String)

        // Too old to be in memory: the mark is kept, and the operator is told.
        let old = try #require(try service.client().records().first { $0.kind == "r" }?.number("seq"))
        run = try service.command("mark \(old) ng --box 1,2,3,4")
        #expect(run.status == 1 && run.errors.contains("no longer in memory"), "\(run.errors)")

        // A frame that was kept needs no memory: its place can be corrected, and the mark taken back.
        run = try service.command("mark \(bad) ng --box 5,6,7,8")
        try #require(run.status == 0, "\(run.errors)")
        let box = kept.appending(path: "missed/\(bad).box")
        #expect(try String(contentsOf: box, encoding: .utf8) == "5 6 7 8\n")
        run = try service.command("mark \(bad) ok")
        try #require(run.status == 0, "\(run.errors)")
        _ = try service.command("mark \(good) ng")
        for file in ["missed/\(bad).png", "missed/\(bad).box", "proposed/\(good).png"] {
            #expect(!FileManager.default.fileExists(atPath: kept.appending(path: file).path), "\(file)")
        }
    }

    @Test("a marked defect is evidence: explain counts it, and a limit that accepts it warns")
    func evidence() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 40), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        func command(_ line: String) throws -> CommandRun {
            let run = try service.command(line)
            try #require(run.status == 0, "linewatch \(line): \(run.errors)")
            return run
        }
        #expect(try command("threshold explain casting").output.contains("that needs real defects"))
        let rejected = try service.results(1, after: try service.last()) { $0.number("v") == 2 }
        let seq = try #require(rejected.last { $0.number("v") == 2 }?.number("seq"))
        _ = try command("mark \(seq) ng --box 40,60,30,20")
        var said = try command("threshold explain casting").output
        #expect(said.contains("1, 0 accepted") && !said.contains("accepts"), "\(said)")
        #expect(!service.said.contains("accepts 1 of"))

        said = try command("threshold set casting --raw 1.9").output
        #expect(said.contains("accepts 1 of 1 marked defect") && said.contains("(result \(seq))"), "\(said)")
        #expect(service.said.contains("accepts 1 of 1 marked defect"))
        said = try command("threshold explain casting").output
        #expect(said.contains("1, 1 accepted") && said.contains("accepts 1 of 1"), "\(said)")
        let shown = try service.client().ask("threshold.show", [JSONMember("inspect", .text("casting"))])
        #expect(shown.number("marked_ng") == 1 && shown.number("marked_accepted") == 1, "\(shown.text)")
    }

    @Test("a newer mark takes a part back out of the good parts, also of a model that is rolled back to")
    func takenBack() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 10), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        func run(_ line: String) throws {
            let run = try service.command(line)
            try #require(run.status == 0, "linewatch \(line): \(run.errors)")
        }
        func known() throws -> [JSONValue?] {
            let shown = try service.client().ask("threshold.show", [JSONMember("inspect", .text("casting"))])
            return [shown["parts"], shown["limit"], shown["median"]]
        }
        let before = try known()
        #expect(before[0]?.integer == 0)
        let results = try service.results(1, after: try service.last()) { $0.number("v") == 2 }
        let rejected = try #require(results.last { $0.number("v") == 2 }?.number("seq"))
        try run("mark \(rejected) ok --absorb")
        let confirmed = try known()
        #expect(confirmed[0]?.integer == 1 && confirmed[1] != before[1], "\(confirmed)")
        try run("mark \(rejected) ng")
        #expect(try known() == before)
        // The mark that is newest counts, whatever came before.
        try run("mark \(rejected) ok --absorb")
        #expect(try known() == confirmed)

        // What was learned meanwhile does not go with the mark; the operator is told.
        let pictures = try Taught.pictures().path
        try run("teach casting --quick --images \(pictures) --yes --corrections")
        #expect(!service.said.contains("has learned it"))
        try run("mark \(rejected) ng")
        try eventually("the daemon says what was learned") { service.said.contains("has learned it") }
        try run("model rollback casting --yes")
        #expect(try known() == before)
        #expect(service.stop() == 0)
        try service.start()
        try service.reach(state: 5)
        #expect(try known() == before)
    }

    @Test("a number that was not given yet, and one of an event, are refused with what they are")
    func numbers() throws {
        let service = try ServiceProcess(LinePlan(framesPerSecond: 10), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        try service.results(1, after: try service.last())
        let future = try service.last() + 1_000_000
        let event = try #require(try service.client().records().first { $0.kind == "e" }?.number("seq"))
        _ = try service.command("teach start casting")
        for command in ["mark \(future) ok", "teach add --seq \(future)", "image get \(future) -o /tmp/none"]
        {
            let run = try service.command(command)
            #expect(run.status == 1, "\(command)")
            #expect(
                run.errors.contains("Number \(future) was not given yet: the newest is "),
                "\(command): \(run.errors)")
        }
        let run = try service.command("mark \(event) ok")
        #expect(run.status == 1 && run.errors.contains("Record \(event) is no result"), "\(run.errors)")
        #expect(try service.command("teach add --set 99").errors.contains("There is no set 99."))
    }
}
