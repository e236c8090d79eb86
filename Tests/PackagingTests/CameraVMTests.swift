import Foundation
import Testing

/// What of the rig is missing for a test with real V4L2 devices; nil if nothing is.
private let missing: String? = {
    guard let program else { return "the release build of linewatch is not beside the tests" }
    guard FileManager.default.isExecutableFile(atPath: program) else { return "there is no '\(program)'" }
    let shared =
        ProcessInfo.processInfo.environment["LINEWATCH_SHARED"]
        ?? Command.root.appending(path: "../shared").path
    let rig = shared + "/camera-vm/camera-vm"
    guard FileManager.default.isExecutableFile(atPath: rig) else { return "there is no '\(rig)'" }
    guard let info = try? Command(rig, "info"), info.output.contains("uml: usable") else {
        return "camera-vm has no image: run 'camera-vm build --backend uml'"
    }
    // There are machines that may not trace processes, and without that the kernel does not boot.
    let boot = ["run", "--backend", "uml", "--timeout", "120", "--", "test", "-e", "/dev/video0"]
    guard let booted = try? Command(rig, arguments: boot), booted.status == 0 else {
        return "the virtual machine of camera-vm does not boot here, or has no cameras"
    }
    return nil
}()

/// The program that was built together with these tests.
private let program: String? = {
    guard let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
        return nil
    }
    return URL(filePath: tests).deletingLastPathComponent().appending(path: "linewatch").path
}()

/// The camera commands against the kernel's vivid driver, in a virtual machine of a minute.
///
/// Each run boots one; what it prints says how long cameras were away, and what stayed open.
@Suite(.serialized, .enabled(if: missing == nil, "\(missing ?? "")"))
struct CameraVMTests {
    @Test(
        "cameras in the virtual machine are captured exactly and come back after every fault",
        arguments: [
            ["formats", "multiplanar", "messages"],
            ["two", "disconnect", "fatal", "qbuf"],
            ["reqbufs", "streamon", "damaged", "drops", "unbind"],
        ])
    func sections(_ names: [String]) throws {
        let script = Command.root.appending(path: "Packaging/camera-vm-test").path
        let run = try #require(
            try Command("bash", script, "--linewatch", program ?? "", names.joined(separator: ",")))
        print(run.output)
        #expect(run.status == 0, "\(run.output)")
        for name in names { #expect(run.output.contains("ok \(name): "), "\(name) did not run") }
    }

    @Test(
        "the package's service runs in the virtual machine, survives every fault, and is purged without a trace",
        .enabled(if: Package.missing == nil, "\(Package.missing ?? "")"),
        .enabled(if: ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1", "set LINEWATCH_LONG=1"))
    func service() throws {
        let script = Command.root.appending(path: "Packaging/daemon-vm-test").path
        let run = try Command("bash", arguments: [script, "--deb", Package.shared.get().file])
        print(run.output)
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("ok purge: "), "it did not come to its end")
    }
}
