import Foundation
import Testing

/// Camera commands beside a running daemon, and without one.
struct DaemonCameraTests {
    private static let settings = """
        [station]
        id = "ST10"
        [[camera]]
        id = 1
        name = "top"
        match = { bus = "no-such-bus" }
        [[camera]]
        id = 2
        name = "drawn"
        source = "simulated"
        width = 64
        height = 64
        """

    private static let list = """
        {"t":"ok","id":ID,"cameras":[{"id":1,"name":"top","source":"v4l2","kind":"area","trigger":"free","armed":1,\
        "state":"lost","reason":"deviceGone","since_ms":1795230294000,"device":"","format":"GREY","width":640,\
        "height":480,"fps":25.0,"frames":120,"lost":3,"refused":1}]}
        """
    private static let probe = """
        {"t":"ok","id":ID,"fps":24.98,"jitter_ms":0.4,"dropped":2,"format":"GREY","width":640,"height":480,\
        "frames":125,"seconds":5.0,"advice":"use a shorter cable"}
        """

    private func run(
        _ answers: [String: [String]], isRunning: Bool = true, _ body: (PretendDaemon) throws -> Void
    ) throws {
        let daemon = try PretendDaemon(settings: Self.settings, answers: answers, isRunning: isRunning)
        defer { daemon.end() }
        try body(daemon)
    }

    private func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test("probe asks the daemon that has the camera, by id and by name", arguments: ["1", "top"])
    func probe(camera: String) throws {
        try run(["camera.list": [Self.list], "camera.probe": [Self.probe]]) { daemon in
            let result = try daemon.linewatch("camera", "probe", camera, "--json")
            #expect(result.code == 0, "\(result.error)")
            let report = try object(result.output)
            #expect(report["schema"] as? String == "linewatch.camera.probe/1")
            #expect(report["fps"] as? Double == 24.98)
            #expect(report["jitter_ms"] as? Double == 0.4)
            #expect(report["dropped"] as? Int == 2)
            #expect(report["format"] as? String == "GREY")
            #expect(report["width"] as? Int == 640 && report["height"] as? Int == 480)
            #expect(daemon.requests.contains { $0.contains("camera.probe") && $0.contains("\"cam\":1") })
        }
    }

    @Test("snap writes the daemon's picture, put together from its pieces")
    func snap() throws {
        let pieces = [Data("first ".utf8), Data("second".utf8)].map { $0.base64EncodedString() }
        let blobs = [
            "{\"t\":\"blob\",\"id\":ID,\"off\":0,\"len\":6,\"b64\":\"\(pieces[0])\"}",
            "{\"t\":\"blob\",\"id\":ID,\"off\":6,\"len\":6,\"b64\":\"\(pieces[1])\"}",
            "{\"t\":\"end\",\"id\":ID,\"n\":2}",
        ]
        try run(["camera.list": [Self.list], "camera.snap": blobs]) { daemon in
            let file = daemon.folder.appending(path: "a.png").path
            let result = try daemon.linewatch("camera", "snap", "top", "-o", file, "--json")
            #expect(result.code == 0, "\(result.error)")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "first second")
            #expect(try object(result.output)["schema"] as? String == "linewatch.camera.snap/1")
        }
        try run(["camera.list": [Self.list], "camera.snap": [blobs[1], blobs[2]]]) { daemon in
            let file = daemon.folder.appending(path: "a.png").path
            let result = try daemon.linewatch("camera", "snap", "top", "-o", file)
            #expect(result.code == 1 && result.error.contains("is not whole"))
            #expect(!FileManager.default.fileExists(atPath: file))
        }
    }

    @Test("what only the owner of a camera can do is refused beside the daemon, by name")
    func refusals() throws {
        try run(["camera.list": [Self.list]]) { daemon in
            let record = try daemon.linewatch("camera", "record", "top", "-o", "/tmp/none")
            #expect(record.code == 1 && record.error.contains("camera 1 'top'"), "\(record.error)")
            let probe = try daemon.linewatch("camera", "probe", "top", "--fps", "10")
            #expect(probe.code == 1 && probe.error.contains("--fps cannot change it"), "\(probe.error)")
        }
    }

    @Test("list tells the states of the daemon, and without one what is configured")
    func list() throws {
        try run(["camera.list": [Self.list]]) { daemon in
            let report = try object(try daemon.linewatch("camera", "list", "--json").output)
            #expect(report["schema"] as? String == "linewatch.camera.list/1")
            #expect(report["daemon"] as? Bool == true)
            let cameras = try #require(report["cameras"] as? [[String: Any]])
            let top = try #require(cameras.first { $0["id"] as? Int == 1 })
            #expect(top["state"] as? String == "lost")
            #expect(top["reason"] as? String == "deviceGone")
            #expect(top["lost"] as? Int == 3)
        }
        try run([:], isRunning: false) { daemon in
            let report = try object(try daemon.linewatch("camera", "list", "--json").output)
            let cameras = try #require(report["cameras"] as? [[String: Any]])
            let top = try #require(cameras.first { $0["id"] as? Int == 1 })
            #expect((top["error"] as? String)?.contains("no-such-bus") == true)
            #expect(cameras.contains { $0["source"] as? String == "simulated" })
        }
    }

    @Test("watch follows the daemon's camera")
    func watch() throws {
        try run(["camera.list": [Self.list]]) { daemon in
            let result = try daemon.linewatch("camera", "watch", "1", "--json", "--seconds", "1")
            let lines = result.output.split(separator: "\n").map(String.init)
            #expect(result.code == 0 && lines.count == 2, "\(result)")
            let first = try object(try #require(lines.first))
            #expect(first["schema"] as? String == "linewatch.camera.watch/1")
            #expect(first["to"] as? String == "lost" && first["frames"] as? Int == 120)
        }
    }

    @Test("without a daemon the device is opened, and a daemon that was named and is not there is code 3")
    func unreachable() throws {
        try run([:], isRunning: false) { daemon in
            let opened = try daemon.linewatch("camera", "probe", "top")
            #expect(opened.code == 1 && opened.error.contains("no-such-bus"), "\(opened.error)")
            let named = try daemon.linewatch("camera", "probe", "top", "--socket", daemon.socket)
            #expect(named.code == 3 && named.error.contains(daemon.socket), "\(named.error)")
            let unknown = try daemon.linewatch("camera", "probe", "7")
            #expect(unknown.code == 1 && unknown.error.contains("camera 2 'drawn'"), "\(unknown.error)")
            let drawn = try daemon.linewatch("camera", "probe", "drawn", "--json", "--seconds", "1")
            #expect(drawn.code == 0)
            let report = try object(drawn.output)
            #expect(report["width"] as? Int == 64 && report["damaged"] as? Int == 0)
        }
    }
}
