import ArgumentParser
import Testing
import linewatch

/// What `linewatch camera` refuses before it touches a device.
struct CameraCommandTests {
    @Test(
        "a camera command refuses what it cannot do, by name",
        arguments: [
            (["snap", "/dev/video0"], "Name a file"),
            (["snap", "/dev/video0", "-o", "a.png", "--size", "640"], "WIDTHxHEIGHT"),
            (["snap", "/dev/video0", "-o", "a.png", "--buffers", "2"], "--buffers 2 is not in 3...32"),
            (["probe", "/dev/video0", "--seconds", "0"], "--seconds 0 is not in 1...3600"),
            (["probe", "/dev/video0", "--control", "gain"], "is not NAME=NUMBER"),
            (["probe", "/dev/video0", "--crop", "1,2,3"], "X,Y,WIDTH,HEIGHT"),
            (["watch", "/dev/video0", "--trigger", "laser"], "none of: free, external, software"),
            (["watch", "/dev/video0", "--fps", "1001"], "--fps 1001.0 is not in 0...1000"),
        ])
    func refusals(arguments: [String], text: String) {
        do {
            _ = try Linewatch.parseAsRoot(["camera"] + arguments)
            Issue.record("accepted")
        } catch {
            #expect(Linewatch.message(for: error).contains(text))
        }
    }
}
