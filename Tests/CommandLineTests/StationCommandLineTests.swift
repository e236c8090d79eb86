import ArgumentParser
import Testing
import linewatch

/// The commands for a station as they are typed.
struct StationCommandLineTests {
    @Test(
        "the commands take the options that they are documented with",
        arguments: [
            "status", "status --watch --json --socket /x", "trigger",
            "trigger top --pn 4711 --part A --deadline 80 --wait --json",
            "arm", "arm top --json", "disarm 2 --socket /x", "reset", "halt", "resume", "recipe list --json",
            "recipe use 4",
            "mark 7 ok --absorb", "mark 7 ng --box 1,2,30,40 --json", "mark 7 ng", "threshold show",
            "threshold show weld",
            "threshold explain weld --json", "threshold set weld --ppm 5000", "threshold set weld --raw 0.4",
            "model shadow p --inspect weld", "model shadow --off", "model activate p", "model rollback --yes",
            "model rollback weld --yes", "model export p -o f", "model install f --output d --json",
            "model list --socket /x",
            "image get 7 -o f.png", "metrics", "describe --json", "version --json", "config reload",
            "doctor --json --socket /x",
        ])
    func accepted(line: String) throws {
        _ = try Linewatch.parseAsRoot(line.split(separator: " ").map(String.init))
    }

    @Test(
        "what cannot be meant is refused before anybody is asked",
        arguments: [
            "trigger --deadline 4", "trigger --deadline 60001", "trigger --pn -1", "recipe use 0",
            "recipe use 65536",
            "mark 0 ok", "mark 7", "mark 7 good", "mark 7 ok --box 1,2,3,4", "mark 7 ng --absorb",
            "mark 7 ng --box 1,2,3",
            "mark 7 ng --box 1,2,0,4", "mark 7 ng --box 1,2,3,65536", "threshold set weld",
            "threshold set weld --ppm 5 ",
            "threshold set weld --ppm 5000 --raw 1", "threshold set weld --raw nan", "model shadow",
            "model shadow p --off",
            "model rollback", "model rollback weld --yes --inspect seam", "model export p", "image get 7",
            "image get 0 -o f",
            "halt now", "status 5",
        ])
    func refused(line: String) {
        #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(line.split(separator: " ").map(String.init))
        }
    }

    @Test("a part text of more than 48 bytes is refused")
    func longPart() {
        #expect(throws: (any Error).self) {
            try Linewatch.parseAsRoot(["trigger", "--part", String(repeating: "x", count: 49)])
        }
    }

    @Test("recipes are those of the settings by id; without any all inspections form recipe 1")
    func recipes() throws {
        let both =
            #"{"inspect":[{"name":"a"},{"name":"b"}],"recipe":[{"id":4,"name":"x","inspect":["b"]},"#
            + #"{"id":2,"name":"y","inspect":[]}]}"#
        #expect(try Recipe.all(in: both).map(\.id) == [2, 4])
        let none = try Recipe.all(in: #"{"inspect":[{"name":"a"},{"name":"b"}],"recipe":[]}"#)
        #expect(none == [Recipe(id: 1, name: "default", inspect: ["a", "b"])])
        #expect(throws: CommandFailure.self) { try Recipe.all(in: "nothing") }
    }

    @Test("an explanation without a supported rate prints none, and marks where the limit is")
    func explanation() {
        var explanation = ThresholdExplanation()
        explanation.row.inspect = "weld"
        (explanation.row.level, explanation.row.parts, explanation.row.missing) = ("provisional", 8, 590)
        (explanation.row.limit, explanation.needed, explanation.intervals) = (0.45, 598, 1)
        explanation.histogram = [(0.2, 0.3, 6), (0.3, 0.4, 1), (0.4, 0.5, 1)]
        let lines = explanation.lines.map(\.plain)
        #expect(lines.contains("  rate these parts support  none"))
        #expect(lines.contains("  good parts needed         598, 590 more"))
        #expect(lines.contains("  good parts                8 in 1 production interval"))
        #expect(lines.filter { $0.hasSuffix("<- limit") }.count == 1)
        #expect(lines.contains { $0.hasSuffix("6  " + String(repeating: "#", count: 40)) })
        #expect(!lines.dropLast().contains { $0.contains("%") })
    }
}
