import Configuration
import Testing

/// What a reload would change, and what must be started anew for it.
struct DifferenceTests {
    private func difference(_ old: String, _ new: String) -> SettingDifference {
        SettingDifference(from: .of(old), to: .of(new))
    }

    @Test("equal settings in another order have no difference")
    func none() {
        let second = "[[camera]]\nid = 2\nsource = \"none\"\n"
        let moved = TestTexts.least.replacing("[[camera]]", with: second + "[[camera]]", maxReplacements: 1)
        #expect(difference(TestTexts.least + second, moved).changes == [])
    }

    @Test("a changed deadline takes a reload only")
    func reload() {
        let found = difference(TestTexts.least, TestTexts.least + "deadline_ms = 120\n")
        #expect(found.changes.map(\.description) == ["inspect[weld].deadline_ms: 80 -> 120"])
        #expect(found.cameras == [] && !found.restartsDaemon)
    }

    @Test("a changed width starts that camera anew, and no other")
    func camera() {
        let old = TestTexts.least + "[[camera]]\nid = 2\nsource = \"none\"\n"
        let found = difference(old, old + "width = 640\n")
        #expect(found.changes.map(\.description) == ["camera[2].width: 1280 -> 640"])
        #expect(found.cameras == [2] && !found.restartsDaemon)
    }

    @Test("a camera that comes or goes is one change, and touches only itself")
    func added() {
        let more = TestTexts.least + "[[camera]]\nid = 2\nsource = \"none\"\n"
        let added = difference(TestTexts.least, more), removed = difference(more, TestTexts.least)
        #expect(added.changes.map(\.description) == ["camera[2]: added"])
        #expect(removed.changes.map(\.description) == ["camera[2]: removed"])
        #expect(added.cameras == [2] && removed.cameras == [2])
    }

    @Test("a region that comes is one change without a new start")
    func region() {
        let old = "[station]\nid = \"A\"\n[[camera]]\nid = 1\nsource = \"simulated\"\n"
        let found = difference(old, old + "[[camera.roi]]\nname = \"weld\"\nrect = [0, 0, 10, 10]\n")
        #expect(found.changes.map(\.description) == ["camera[1].roi[weld]: added"])
        #expect(found.cameras == [])
    }

    @Test(
        "station, store, inference and sockets need a restart of the daemon",
        arguments: [
            "[store]\ndir = \"/x\"\n", "[infer]\nthreads = 2\n", "[plc]\nsocket = \"/x\"\n",
            "[admin]\nsocket = \"/x\"\n",
        ])
    func restart(text: String) {
        #expect(difference(TestTexts.least, TestTexts.least + text).restartsDaemon)
    }

    @Test("the ring in memory starts all cameras anew")
    func ring() {
        #expect(difference(TestTexts.least, TestTexts.least + "[images]\nring_frames = 32\n").cameras == [1])
    }
}
