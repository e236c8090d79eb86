import Events
import Foundation
import Sockets
import Testing

/// Kinds of defects in the real daemon.
@Suite("kinds of defects", .serialized)
struct TypeServiceTests {
    @Test(
        "a defect of no known kind is new: in both profiles, in the details, in the journal and in the list")
    func new() throws {
        var plan = LinePlan()
        // Every part is above it.
        plan.inspection = "threshold = { mode = \"fixed\", raw = 0.2 }"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        // What the state was made with left results too.
        let last = try service.results(1).last?.number("seq") ?? 0
        let bad = try service.results(8, after: last) { $0.number("v") == 2 }.filter { $0.number("v") == 2 }
        for line in bad {
            #expect(line.number("cl") == 65_535 && line.number("rs") == 32, "\(line.text)")
        }
        let boxes = try #require(bad.first?["boxes"]?.elements)
        let typed = boxes.filter { $0["cl"]?.integer == 65_535 }
        #expect(1...4 ~= typed.count && typed.allSatisfy { $0["nov"]?.integer == 1_000 })

        let plc = try LineClient(path: service.plc, patience: 60_000)
        _ = try plc.hello(name: "plc1", profile: .plc, isAnonymous: false)
        let seq = try #require(bad.first?.number("seq"))
        var line: ServerLine?
        _ = try plc.ask("poll", [JSONMember("after", .integer(seq - 1)), JSONMember("max", .integer(1))]) {
            if $0.kind == "r" { line = $0 }
        }
        #expect(line?.number("cl") == 65_535 && line?.number("rs") == 32)
        let list = try service.client().ask("type.list")
        #expect(list["types"]?.elements?.isEmpty == true)
        #expect(list.number("unassigned") ?? 0 >= Int64(bad.count))
        let shown = try service.command("type list")
        #expect(shown.status == 0 && shown.output.contains("of no kind yet"), "\(shown.errors)")
        let journal = service.lines.filter { $0.contains("type new") }
        #expect(journal.count >= bad.count, "\(service.said)")
        // What is kept outlives a kill.
        service.kill()
        try service.start()
        let kept = try service.client().ask("type.list").number("unassigned") ?? 0
        #expect(kept >= list.number("unassigned") ?? 0)
    }

    @Test("an inspection that does not ask for kinds names none")
    func off() throws {
        var plan = LinePlan()
        plan.inspection = "cluster = false\nthreshold = { mode = \"fixed\", raw = 0.2 }"
        let service = try ServiceProcess(plan, from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        // What the state was made with left results too.
        let last = try service.results(1).last?.number("seq") ?? 0
        let bad = try service.results(8, after: last) { $0.number("v") == 2 }.filter { $0.number("v") == 2 }
        for line in bad { #expect(line.number("cl") == 0 && line.number("rs") == 30, "\(line.text)") }
    }

    @Test("what cannot be done with a type is one line that says what to do")
    func refused() throws {
        let service = try ServiceProcess(LinePlan(isArmed: false), from: Taught.state())
        try service.start()
        for (line, words) in [
            ("type show 7", "There is no type 7. Known are: none."),
            ("type merge 7 7", "cannot be merged with itself"),
            ("type forget 7 --yes", "There is no type 7"), ("type name 7 x", "There is no type 7"),
            ("type split 7 1", "There is no type 7"), ("type apply 3", "There is no proposal 3"),
        ] {
            let run = try service.command(line)
            #expect(run.status == 1 && run.errors.contains(words), "\(line): \(run.errors)")
            #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
        }
        let run = try service.command("type recluster --state \(service.state.path)")
        #expect(run.status == 0 && run.output.contains("Too few defects"), "\(run.errors)")
    }
}
