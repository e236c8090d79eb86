import Foundation
import Testing

/// Commands that ask a daemon, run as they are typed, against the scripted station.
@Suite("commands for a station", .serialized)
struct StationCommandTests {
    /// Runs `line` as an admin of `station`, the words split at blanks.
    private func run(_ line: String, _ station: StationProcess) throws -> CommandRun {
        try CommandRun(
            line.split(separator: " ").map(String.init),
            environment: ["LINEWATCH_RUNTIME_DIR": station.folder.path, "NO_COLOR": "1"])
    }

    private func started() throws -> StationProcess {
        let station = try StationProcess()
        try station.start()
        return station
    }

    @Test("a trigger that waits ends with 0 for OK and with 5 for any other verdict")
    func trigger() throws {
        let station = try started()
        for (part, status, word) in [
            (4, 0, "  OK  "), (1, 5, "  NG  "), (2, 5, "  UNSURE  "), (3, 5, "  INVALID  "),
        ] {
            let run = try run("trigger 1 --pn \(part) --wait", station)
            #expect(run.status == Int32(status), "\(run.errors)")
            #expect(run.output.contains(word) && run.output.hasPrefix("job "), "\(run.output)")
        }
        let json = try run("trigger --pn 8 --part A7 --wait --json", station)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(object["schema"] as? String == "linewatch.trigger/1")
        let result = try #require(object["result"] as? [String: Any])
        #expect(result["job"] as? Int == object["job"] as? Int)
        #expect(result["part"] as? String == "A7")
    }

    @Test(
        "what the daemon refuses is one line with the code for it",
        arguments: [
            ("trigger 9", 1, "no_camera"), ("trigger --deadline 5", 1, "ask for at least 10"),
            ("recipe use 9", 1, "recipe_unknown"), ("mark 99999 ok", 1, "not_found"),
            ("threshold show paint", 1, "no such inspection"),
            ("threshold set seam --ppm 500", 1, "2995 good parts are needed, 612 are known"),
            ("image get 5 -o /tmp/lw-no-such-picture.png", 1, "not_found"),
            ("model activate abcdef", 2, "weld, seam"), ("model rollback weld", 2, "--yes"),
            ("mark 1 ok --box 1,2,3,4", 2, "--box goes with ng"),
            ("mark 1 ng --absorb", 2, "--absorb goes with ok"),
        ])
    func refused(line: String, status: Int32, words: String) throws {
        let run = try run(line, try started())
        #expect(run.status == status, "\(run.errors)")
        #expect(run.errors.contains(words) && run.output.isEmpty, "\(run.errors)")
        #expect(status == 2 || run.errors.split(separator: "\n").count == 1)
    }

    @Test("what the daemon has been told is seen in the next answer")
    func control() throws {
        let station = try started()
        for (line, words) in [
            ("arm", "Armed all cameras. The station is running."), ("disarm 1", "The station is ready."),
            ("halt", "The station is halted."), ("resume", "Resumed. The station is ready."),
            ("reset", "The station is ready."), ("recipe use 2", "Recipe 2 is in force."),
            ("config reload", "checksum 7"),
            ("model activate a1b2c3 --inspect weld", "'weld' is judged by a1b2c3d4a1b2."),
            ("model rollback weld --yes", "is judged by 0f1e2d3c0f1e again"),
            ("metrics", "linewatch_ready 1"),
            ("version", "linewatchd/test"), ("describe", "threshold.set"),
        ] {
            let run = try run(line, station)
            #expect(run.status == 0 && run.output.contains(words), "\(line): \(run.output)\(run.errors)")
        }
        let list = try run("recipe list", station).output.split(separator: "\n")
        #expect(list.last == " 2  both     in force  weld, seam")
        _ = try run("trigger --wait", station)
        #expect(
            try run("mark 1 ok --absorb", station).output
                == "Marked 1 as good, and proposed it as a reference.\n")
        #expect(try run("mark 1 ng --box 1,2,3,4", station).output == "Marked 1 as defective.\n")
    }

    @Test("every answer in JSON is one object that names its schema")
    func schemas() throws {
        let station = try started()
        _ = try run("trigger --wait", station)
        for (line, schema) in [
            ("status", "status"), ("trigger", "trigger"), ("arm", "arm"), ("disarm", "disarm"),
            ("reset", "reset"),
            ("halt", "halt"), ("resume", "resume"), ("recipe list", "recipe.list"),
            ("recipe use 1", "recipe.use"),
            ("mark 1 ok", "mark"), ("threshold show", "threshold.show"),
            ("threshold explain weld", "threshold.explain"),
            ("threshold set weld --raw 0.5", "threshold.set"),
            ("model shadow x --inspect weld", "model.shadow"),
            ("model activate x --inspect weld", "model.activate"),
            ("model rollback weld --yes", "model.rollback"),
            ("metrics", "metrics"), ("describe", "describe"), ("version", "version"),
            ("config reload", "config.reload"),
        ] {
            let run = try run(line + " --json", station)
            #expect(run.status == 0, "\(line): \(run.errors)")
            let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
            #expect(object?["schema"] as? String == "linewatch.\(schema)/1", "\(line): \(run.output)")
            #expect(object?["t"] == nil && object?["id"] == nil, "\(line): \(run.output)")
        }
    }

    @Test("the page names what an admin sees, and for others what only admins see")
    func page() throws {
        let station = try started()
        let page = try run("status", station).output
        for words in [
            "ST10  ready", "lost (unplugged)", "8 good parts, 590 more", "at most 0.49 %", "12.3 GB free",
        ] {
            #expect(page.contains(words), "\(page)")
        }
        #expect(!page.contains("\u{1B}"))
        let other = try run("status --socket \(station.plc)", station)
        #expect(other.status == 0)
        #expect(other.output.contains("not known: cameras: only for admins"), "\(other.output)")
    }

    @Test("a picture is written whole, under the name that was asked for")
    func image() throws {
        let station = try StationProcess()
        try station.start("--rate", "500")
        Thread.sleep(forTimeInterval: 0.5)
        let path = station.folder.appending(path: "picture.png").path
        let run = try run("image get 101 -o \(path)", station)
        #expect(run.status == 0, "\(run.errors)")
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && run.output.contains("\(bytes.count) bytes"))
        let other = station.folder.appending(path: "picture.jpg").path
        _ = try self.run("image get 101 -o \(other)", station)
        #expect(try Data(contentsOf: URL(filePath: other)).starts(with: [0xFF, 0xD8, 0xFF]))
    }

    @Test(
        "a command whose daemon is not there ends with 3 and says which socket",
        arguments: [
            "status", "status --watch", "trigger", "arm", "halt", "recipe list", "mark 1 ok",
            "threshold show",
            "model activate x", "image get 1 -o /tmp/x", "metrics", "describe", "config reload",
        ])
    func unreachable(line: String) throws {
        let run = try CommandRun(
            line.split(separator: " ").map(String.init),
            environment: ["LINEWATCH_RUNTIME_DIR": "/tmp/lw-nobody"])
        #expect(run.status == 3, "\(run.errors)")
        #expect(run.errors.contains("No daemon serves '/tmp/lw-nobody/admin.sock'"), "\(run.errors)")
        #expect(run.errors.contains("systemctl start linewatchd"), "\(run.errors)")
    }
}
