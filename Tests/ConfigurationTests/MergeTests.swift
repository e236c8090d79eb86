import Configuration
import Foundation
import Testing

/// Several files, the environment and the command line as one configuration.
struct MergeTests {
    private func load(_ texts: [String], environment: [String: String] = [:], overlays: [SettingOverlay] = [])
        -> LoadedSettings
    {
        let files = texts.enumerated().map { SettingsText(path: "\($0).toml", text: $1) }
        return Settings.load(files, environment: environment, overlays: overlays)
    }

    private func origin(_ path: String, _ loaded: LoadedSettings) -> String? {
        loaded.effective.first { $0.path == path }.map { "\($0.origin)" }
    }

    @Test("tables merge, scalars and lists replace, arrays of tables append")
    func merge() {
        let loaded = load([
            TestTexts.least + "[model]\npath = [\"/a\", \"/b\"]\n[store]\ndays = 7\n",
            "[model]\npath = [\"/c\"]\nprobation_parts = 9\n[[camera]]\nid = 2\nsource = \"none\"\n",
        ])
        #expect(loaded.lines == [])
        #expect(loaded.settings.model.path == ["/c"])
        #expect(loaded.settings.model.probationParts == 9)
        #expect(loaded.settings.store.days == 7)
        #expect(loaded.settings.camera.map(\.id) == [1, 2])
        #expect(origin("model.path", loaded) == "1.toml:2:1")
        #expect(origin("store.days", loaded) == "0.toml:12:1")
        #expect(origin("camera[2].source", loaded) == "1.toml:6:1")
        #expect(origin("camera[2].width", loaded) == "default")
    }

    @Test("the same camera id or inspect name in two files is an error that names both places")
    func duplicates() {
        let loaded = load([
            TestTexts.least,
            "[[camera]]\nid = 1\nsource = \"none\"\n[[inspect]]\nname = \"weld\"\ncamera = 1\n",
        ])
        #expect(
            loaded.lines == [
                "1.toml:2:1: camera id 1 is already used at 0.toml:4:1. Choose another",
                "1.toml:5:1: inspect name \"weld\" is already used at 0.toml:7:1. Choose another",
            ])
    }

    @Test("cameras are counted over all files, and in one file before any is looked at")
    func counts() {
        func cameras(_ ids: ClosedRange<Int>) -> String {
            ids.map { "[[camera]]\nid = \($0)\nsource = \"none\"\n" }.joined()
        }
        let two = load([TestTexts.least + cameras(2...20), cameras(21...33)])
        let message = "[[camera]] in all files, allowed are 1..32 tables"
        #expect(
            two.errors.map(\.description) == [
                "1.toml:37:1: there are 33 \(message)",
                "1.toml:38:1: \"id\" in [[camera]] is 33, allowed is 1..32",
            ])
        let many = load([TestTexts.least + String(repeating: "[[camera]]\n", count: 50_000)])
        #expect(many.lines == ["0.toml:40:1: there are 50001 [[camera]], allowed are 1..32 tables"])
    }

    @Test("a bad value in a later file leaves the good one of an earlier file")
    func refused() {
        let loaded = load([TestTexts.least + "deadline_ms = 90\n[store]\ndays = 7\n", "[store]\ndays = 0\n"])
        #expect(loaded.lines == ["1.toml:2:1: \"days\" in [store] is 0, allowed is 1..3650 days"])
        #expect(loaded.settings.store.days == 7)
    }

    @Test("the environment replaces files, and moves the folders of defaults only")
    func environment() {
        let loaded = load(
            [TestTexts.least + "[plc]\nsocket = \"/x/plc.sock\"\n[infer]\nisa = \"scalar\"\n"],
            environment: [
                "LINEWATCH_RUNTIME_DIR": "/tmp/run", "LINEWATCH_STATE_DIR": "/tmp/state",
                "LINEWATCH_ISA": "avx2", "LINEWATCH_LOG": "debug", "LINEWATCH_BOOT_ID": "none of these",
            ])
        #expect(loaded.lines == [])
        #expect(loaded.settings.plc.socket == "/x/plc.sock")
        #expect(loaded.settings.admin.socket == "/tmp/run/admin.sock")
        #expect(loaded.settings.store.dir == "/tmp/state")
        #expect(loaded.settings.model.path == ["/tmp/state/models", "/usr/share/linewatch/models"])
        #expect(loaded.settings.infer.isa == .avx2)
        #expect(loaded.settings.log.level == .debug)
        #expect(origin("infer.isa", loaded) == "environment LINEWATCH_ISA")
        #expect(origin("store.dir", loaded) == "environment LINEWATCH_STATE_DIR")
        #expect(origin("plc.socket", loaded) == "0.toml:10:1")
    }

    @Test("LINEWATCH_MODELS replaces the model path, at its colons")
    func models() {
        let loaded = load(
            [TestTexts.least + "[model]\npath = [\"/a\"]\n"], environment: ["LINEWATCH_MODELS": "/x:/y"])
        #expect(loaded.settings.model.path == ["/x", "/y"])
    }

    @Test("a bad value in the environment is a finding that names the variable")
    func badEnvironment() {
        let loaded = load([TestTexts.least], environment: ["LINEWATCH_ISA": "avx", "LINEWATCH_LOG": ""])
        #expect(
            loaded.lines == [
                "environment LINEWATCH_ISA: \"isa\" in [infer] is \"avx\", allowed is auto | scalar | avx2 | "
                    + "avxvnni | avx512vnni | neon-dotprod | neon-i8mm - did you mean \"avx2\"?"
            ])
        #expect(loaded.settings.infer.isa == .auto)
    }

    @Test("an option of the command line comes last")
    func option() {
        let overlay = SettingOverlay(["log", "target"], .text("stderr"), from: .option("--foreground"))
        let loaded = load([TestTexts.least + "[log]\ntarget = \"journal\"\n"], overlays: [overlay])
        #expect(loaded.settings.log.target == .stderr)
        #expect(origin("log.target", loaded) == "option --foreground")
    }

    @Test("what the daemon keeps goes over one inspection by its name, with its origin")
    func state() {
        let words = Node.Value.list([Node(.text("rivet"), origin: .standard)])
        func overlay(_ name: String, _ key: String) -> SettingOverlay {
            SettingOverlay(["inspect", name, key], words, from: .state("classes.json"))
        }
        let loaded = load([TestTexts.least], overlays: [overlay("weld", "class_name")])
        #expect(loaded.lines == [])
        #expect(loaded.settings.inspect[0].className == ["rivet"])
        #expect(origin("inspect[weld].class_name", loaded) == "state classes.json")
        let stale = load(
            [TestTexts.least], overlays: [overlay("gone", "class_name"), overlay("weld", "clas_name")])
        #expect(
            stale.lines == [
                "state classes.json: warning: \"inspect.gone.class_name\" is kept, but nothing in the settings "
                    + "has that name",
                "state classes.json: there is no setting \"inspect.weld.clas_name\"",
            ])
    }

    @Test("folders in the environment must be paths from /, short enough for a socket")
    func badFolders() {
        let long = "/" + String(repeating: "x", count: 100)
        let loaded = load(
            [TestTexts.least], environment: ["LINEWATCH_RUNTIME_DIR": long, "LINEWATCH_STATE_DIR": "state"])
        #expect(loaded.errors.count == 2)
        #expect(loaded.folders == ServiceFolders())
    }

    @Test("the main file is read, then the files of the folder in byte order, and nothing else there")
    func folder() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "linewatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try FileManager.default.createDirectory(
            at: root.appending(path: "conf.d"), withIntermediateDirectories: true)
        for (name, text) in [
            ("main.toml", TestTexts.least), ("conf.d/b.toml", "[store]\ndays = 2\n"),
            ("conf.d/B.toml", "[store]\ndays = 1\n"), ("conf.d/z.bak", "=\n"), ("conf.d/.c.toml", "=\n"),
        ] {
            try Data(text.utf8).write(to: root.appending(path: name))
        }
        let loaded = Settings.load(
            main: root.path + "/main.toml", confd: root.path + "/conf.d", environment: [:])
        #expect(loaded.lines == [])
        #expect(
            loaded.files.map { $0.dropFirst(root.path.count) } == [
                "/main.toml", "/conf.d/B.toml", "/conf.d/b.toml",
            ])
        #expect(loaded.settings.store.days == 2)
    }

    @Test("a main file that is missing, or no file, is one finding")
    func missing() {
        let missing = Settings.load(main: "/nowhere/x.toml", confd: "/nowhere", environment: [:])
        #expect(missing.lines == ["\"/nowhere/x.toml\" cannot be read: No such file or directory"])
        let device = Settings.load(main: "/dev/zero", confd: "/nowhere", environment: [:])
        #expect(device.lines == ["\"/dev/zero\" cannot be read: it is not a file"])
        let hidden = Settings.load(main: "/dev/zero", confd: "/dev/null", environment: [:])
        #expect(hidden.lines.last == "\"/dev/null\" cannot be read: its files cannot be listed")
    }
}
