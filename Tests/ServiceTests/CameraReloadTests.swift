import Foundation
import Sockets
import Testing

/// Cameras that come and go while the daemon runs.
@Suite("cameras by reload", .serialized)
struct CameraReloadTests {
    /// A second camera with an inspection that was taught nothing.
    private static func camera(_ id: Int, defects: Int = 20_000, fps: Int = 5) -> String {
        """
        [[camera]]
        id = \(id)
        name = "side\(id)"
        source = "simulated"
        fps = \(fps)
        width = 320
        height = 240
        [camera.simulated]
        surface = "woven"
        defect_ppm = \(defects)
        [[inspect]]
        name = "cloth\(id)"
        camera = \(id)
        head = "patch"
        deadline_ms = 5000
        """
    }

    /// A busy machine loses frames of a fast simulated camera: this one takes its time.
    private static func plan(_ tables: String = "") -> LinePlan {
        LinePlan(framesPerSecond: 5, tables: tables)
    }

    /// Numbers of the driver that are missing between the first and the last result of `camera`.
    private static func missing(_ results: [ServerLine], camera: Int64) -> [Int64] {
        let numbers = results.filter { $0.number("cam") == camera }.compactMap { $0.number("v4l2_seq") }
            .sorted()
        guard let first = numbers.first, let last = numbers.last else { return [] }
        let known = Set(numbers)
        return (first...last).filter { !known.contains($0) }
    }

    @Test(
        "a camera that is added is inspected, one that is removed ends in results, and the other notices nothing"
    )
    func cameAndWent() throws {
        let service = try ServiceProcess(Self.plan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        try service.results(3)
        let client = try service.client()
        let before = try service.last()

        try service.write(Self.plan(Self.camera(2)))
        #expect(try client.ask("config.reload").kind == "ok")
        try service.event(1004, after: before)
        try service.reach(state: 5, cameras: 3)
        try service.results(5, after: before) { $0.number("cam") == 2 && $0.number("rs") == 23 }
        #expect(try service.command("camera list").output.contains("side2"))

        try service.write(Self.plan())
        #expect(try client.ask("config.reload").kind == "ok")
        let middle = try service.last()
        try service.reach(state: 5, cameras: 1)
        #expect(try !service.command("camera list").output.contains("side2"))
        try service.results(5, after: middle) { $0.number("cam") == 1 && $0.number("v") == 1 }
        try eventually("every frame that was a trigger has its result") {
            let stats = try client.ask("stats")
            let sum = ["ok", "ng", "un", "iv"].reduce(0) { $0 + (stats.number($1) ?? 0) }
            // Camera 1 goes on: between two looks a frame may be under way.
            return abs(sum - (stats.number("tr") ?? 0)) <= 1
        }
        let records = try client.records(), results = records.filter { $0.kind == "r" }
        #expect(holes(in: records, after: 0) == [])
        for camera in [1, 2] as [Int64] {
            #expect(Self.missing(results, camera: camera) == [], "camera \(camera)")
        }
        #expect(try client.ask("stats").number("lost") == 0)
        // Nothing of the camera that left comes later, and what it gave stays.
        let last = try #require(results.last { $0.number("cam") == 2 }?.number("seq"))
        #expect(results.contains { $0.number("cam") == 1 && ($0.number("seq") ?? 0) > last })
        #expect(results.allSatisfy { $0.number("cam") == 1 || $0.number("v") != 4 })
        var kept: ServerLine?
        _ = try client.ask("get", [JSONMember("seq", .integer(last))]) { kept = $0 }
        #expect(kept?.kind == "r" && kept?.number("cam") == 2, "\(kept?.text ?? "nothing")")
    }

    @Test("one camera takes another's place by SIGHUP, and comes back to what it was taught")
    func otherCamera() throws {
        let service = try ServiceProcess(Self.plan(), from: Taught.state())
        let whole = Self.plan().text
        let bare = String(whole[..<(try #require(whole.range(of: "[[camera]]")).lowerBound)])
        try Data((bare + Self.camera(7)).utf8).write(to: service.settings)
        try service.start()
        try service.reach(state: 5, cameras: 64)
        try service.write(Self.plan())
        service.hangUp()
        try service.reach(state: 5)
        let before = try service.last()
        try service.results(3, after: before) { $0.number("v") == 1 }
        #expect(service.said.contains("Camera side7 was removed"))

        try Data((bare + Self.camera(7)).utf8).write(to: service.settings)
        service.hangUp()
        try service.reach(state: 5, cameras: 64)
        try service.results(3, after: before) { $0.number("cam") == 7 && $0.number("rs") == 23 }
        #expect(service.said.contains("Camera top was removed"))
        #expect(service.stop() == 0)
    }

    @Test("settings that do not fit what was taught are refused whole, the camera that came with them too")
    func otherRegions() throws {
        let service = try ServiceProcess(Self.plan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        let before = try service.last()
        let regions = """
            [[camera.roi]]
            name = "left"
            rect = [0, 0, 160, 240]
            [[camera.roi]]
            name = "right"
            rect = [160, 0, 160, 240]
            """
        let text = LinePlan(inspection: "roi = [\"left\", \"right\"]", tables: Self.camera(2)).text
            .replacing("[[inspect]]\nname = \"casting\"", with: regions + "\n[[inspect]]\nname = \"casting\"")
        try Data(text.utf8).write(to: service.settings)
        let refused = try client.ask("config.reload")
        #expect(refused.number("num") == 26)
        #expect(refused["msg"]?.text?.contains("Teach again") == true, "\(refused.text)")
        try service.event(1005, after: before)
        try service.results(3, after: try service.last()) { $0.number("v") == 1 }
        #expect(try client.ask("state").number("cok") == 1)
    }

    @Test(
        "a limit of picture quality that is changed by reload counts from the next frame on, and no frame is lost"
    )
    func changedGate() throws {
        let service = try ServiceProcess(Self.plan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        try service.results(3) { $0.number("v") == 1 }
        let client = try service.client()
        let dark = Self.plan().text.replacing("height = 240\n", with: "height = 240\nmin_mean = 250\n")
        try Data(dark.utf8).write(to: service.settings)
        #expect(try client.ask("config.reload").kind == "ok")
        let after = try service.last()
        try service.results(3, after: after) { $0.number("rs") == 11 }
        #expect(Self.missing(try client.records().filter { $0.kind == "r" }, camera: 1) == [])
    }

    @Test("twenty cameras that come and go leave no thread, descriptor or memory behind")
    func manyTimes() throws {
        let service = try ServiceProcess(Self.plan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let client = try service.client()
        func figures() throws -> (threads: Int, descriptors: Int, resident: Int) {
            let process = "/proc/\(service.process.processIdentifier)"
            let status = try String(contentsOfFile: process + "/status", encoding: .utf8)
            func field(_ name: String) -> Int {
                let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") } ?? ""
                return Int(line.filter(\.isNumber)) ?? 0
            }
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: process + "/fd").count
            return (field("Threads"), descriptors, field("VmRSS"))
        }
        var first: (threads: Int, descriptors: Int, resident: Int)?
        for round in 0..<20 {
            try service.write(Self.plan(Self.camera(2)))
            #expect(try client.ask("config.reload").kind == "ok")
            try service.write(Self.plan())
            #expect(try client.ask("config.reload").kind == "ok")
            if round == 4 { first = try figures() }
        }
        let last = try figures(), then = try #require(first)
        #expect(last.threads == then.threads && last.descriptors == then.descriptors)
        #expect(last.resident < then.resident + 4_096, "\(then.resident) kB, then \(last.resident) kB")
        #expect(try client.ask("stats").number("lost") == 0)
        #expect(Self.missing(try client.records().filter { $0.kind == "r" }, camera: 1) == [])
    }
}
