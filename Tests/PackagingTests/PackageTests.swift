import Foundation
import Testing

@Suite(.serialized, .enabled(if: Package.missing == nil, "\(Package.missing ?? "")"))
struct PackageTests {
    @Test("the package has programs, units, settings, manual pages, completions and models, all root's")
    func contents() throws {
        let package = try Package.shared.get()
        let units = ["linewatchd.service", "linewatch-plc.socket", "linewatch-admin.socket"]
        let clock = [
            "linewatch-clock.service", "linewatch-clock.timer", "linewatch-recluster.service",
            "linewatch-recluster.timer",
        ]
        let expected =
            (units + clock).map { "usr/lib/systemd/system/\($0)" } + [
                "usr/bin/linewatch", "usr/bin/linewatchd", "usr/lib/sysusers.d/linewatch.conf",
                "usr/lib/tmpfiles.d/linewatch.conf", "usr/lib/udev/rules.d/70-linewatch.rules",
                "etc/linewatch/linewatch.toml", "etc/linewatch/conf.d/", "etc/linewatch/masks/",
                "etc/linewatch/keys/", "usr/share/man/man1/linewatch.1.gz",
                "usr/share/man/man5/linewatch.toml.5.gz", "usr/share/man/man7/linewatch-plc.7.gz",
                "usr/share/man/man8/linewatchd.8.gz",
                "usr/share/bash-completion/completions/linewatch",
                "usr/share/zsh/vendor-completions/_linewatch",
                "usr/share/fish/vendor_completions.d/linewatch.fish",
                "usr/share/linewatch/models/efficientnet-lite0/manifest.json",
                "usr/share/doc/linewatch/copyright", "usr/share/doc/linewatch/NOTICE",
                "usr/share/doc/linewatch/changelog.Debian.gz",
            ]
        for path in expected {
            #expect(package.contents.contains { $0.hasSuffix(" ./\(path)") }, "\(path) is missing")
        }
        #expect(package.contents.allSatisfy { $0.contains(" root/root ") })
        #expect(!package.contents.contains { $0.contains("var/lib/linewatch") || $0.contains("./run/") })
        #expect(try package.text("DEBIAN/conffiles") == "/etc/linewatch/linewatch.toml\n")
    }

    @Test("the programs in the package need no library but Debian's, and know no folder of the build")
    func libraries() throws {
        let package = try Package.shared.get()
        let control = try package.text("DEBIAN/control")
        #expect(control.contains("\nDepends: systemd, udev, libc6 (>= 2.36), libgcc-s1, "))
        for program in ["linewatch", "linewatchd"] {
            let path = package.folder.appending(path: "root/usr/bin/\(program)").path
            let dynamic = try Command("readelf", arguments: ["--dynamic", path]).output
            #expect(!dynamic.contains("libswift") && !dynamic.contains("libFoundation"))
            #expect(!dynamic.contains("RPATH") && !dynamic.contains("RUNPATH"))
            #expect(try Command(path, arguments: ["--help"]).status == 0)
        }
    }

    @Test("the packaged settings have no mistake, and none with every default of a table made explicit")
    func settings() throws {
        let package = try Package.shared.get()
        let packaged = try package.text("etc/linewatch/linewatch.toml")
        let tables = try #require(packaged.firstRange(of: "\n[clock]\n"))
        // What stands below a table that is itself a comment stays one.
        var isLive = true
        let explicit = packaged[tables.lowerBound...].split(separator: "\n", omittingEmptySubsequences: false)
            .map {
                line -> Substring in
                if line.hasPrefix("[") || line.hasPrefix("#[") { isLive = line.hasPrefix("[") }
                // A comment has a space after its sign, a key that is one has none.
                let isKey = line.hasPrefix("#") && line.dropFirst().first?.isLetter == true
                return isKey && isLive ? line.dropFirst() : line
            }
        let all = packaged[..<tables.lowerBound] + explicit.joined(separator: "\n")
        #expect(explicit.filter { $0.first?.isLetter == true }.count > 30)

        let folder = package.folder.appending(path: "settings")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = package.folder.appending(path: "root/usr/bin/linewatch").path
        var effective: [String] = []
        for text in [packaged, String(all)] {
            let file = folder.appending(path: "linewatch.toml").path
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let check = try Command(program, arguments: ["config", "check", file])
            #expect(check.status == 0, "\(check.output)")
            effective.append(try Command(program, arguments: ["config", "show", "--effective", file]).output)
        }
        #expect(effective[0] == effective[1])
    }

    @Test(
        "manual pages are free of warnings and have every command",
        .enabled(if: Command.isInstalled("man"), "man is not installed"))
    func manuals() throws {
        let folder = try Package.shared.get().folder.appending(path: "root/usr/share/man")
        for page in [
            "man1/linewatch.1", "man5/linewatch.toml.5", "man8/linewatchd.8", "man7/linewatch-plc.7",
        ] {
            let path = folder.appending(path: page + ".gz").path
            let warnings = try Command(
                "sh",
                arguments: ["-c", "LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l \(path) 2>&1 >/dev/null"])
            #expect(warnings.output == "", "\(page)")
        }
        let commands = try Command(
            "gzip", arguments: ["-dc", folder.appending(path: "man1/linewatch.1.gz").path])
        for command in ["camera snap", "config check", "model verify", "events tail", "doctor"] {
            #expect(commands.output.contains("\n.Ss \(command)\n"), "\(command)")
        }
    }

    @Test(
        "a purge removes settings and state, but not the state where keep-state asks for it",
        arguments: [false, true])
    func purge(keepsState: Bool) throws {
        let manager = FileManager.default
        let root = manager.temporaryDirectory.appending(path: "linewatch-purge-\(UUID())")
        defer { try? manager.removeItem(at: root) }
        for folder in ["etc/linewatch/conf.d", "var/lib/linewatch", "run/linewatch", "etc/other"] {
            try manager.createDirectory(at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        if keepsState { try Data().write(to: root.appending(path: "etc/linewatch/keep-state")) }
        let script = Command.root.appending(path: "Packaging/debian/postrm").path
        // In a folder of a test there are no units for the tools of the real one to change.
        let helper = root.appending(path: "bin/deb-systemd-helper")
        try manager.createDirectory(at: root.appending(path: "bin"), withIntermediateDirectories: true)
        try manager.createSymbolicLink(atPath: helper.path, withDestinationPath: "/bin/true")
        let path = "\(root.path)/bin:" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
        let run = try #require(
            try Command("sh", script, "purge", environment: ["DPKG_ROOT": root.path, "PATH": path]))
        #expect(run.status == 0, "\(run.output)")
        func isThere(_ path: String) -> Bool { manager.fileExists(atPath: root.appending(path: path).path) }
        #expect(isThere("var/lib/linewatch") == keepsState)
        #expect(!isThere("etc/linewatch") && !isThere("run/linewatch"))
        #expect(isThere("etc/other"))
    }

    @Test("programs of another architecture are refused in one line, but its control file is there")
    func otherArchitecture() throws {
        let script = Command.root.appending(path: "Packaging/deb").path
        let control = try Command("bash", arguments: [script, "--arch", "arm64", "--control"])
        #expect(control.output.contains("\nArchitecture: arm64\n") && control.status == 0)

        let programs = try Package.shared.get().folder.appending(path: "root/usr/bin").path
        let machine = try Command("dpkg", arguments: ["--print-architecture"]).output
        let other = machine.hasPrefix("arm64") ? "amd64" : "arm64"
        let refused = try Command("bash", arguments: [script, "--arch", other, "--programs", programs])
        #expect(refused.status == 1)
        #expect(refused.output.split(separator: "\n").count == 1)
        #expect(refused.output.contains("not for \(other)"), "\(refused.output)")
    }
}
