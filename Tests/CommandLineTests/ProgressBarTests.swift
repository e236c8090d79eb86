import Testing
import linewatch

struct ProgressBarTests {
    @Test(
        "says how long the rest takes if it goes on as before",
        arguments: [
            (1, 4, 2_000_000_000, "0:06 left"), (100, 400, 5_000_000_000, "0:15 left"),
            (1, 1_000, 4_000_000_000, "1:06:36 left"), (399, 400, 20_000_000_000, "0:01 left"),
        ])
    func left(done: Int, total: Int, nanoseconds: Int, text: String) {
        #expect(ProgressBar.left(of: total, done: done, nanoseconds: nanoseconds) == text)
    }

    @Test(
        "says nothing before a second has told something, before the first part, and at the end",
        arguments: [(1, 4, 900_000_000), (0, 4, 5_000_000_000), (4, 4, 5_000_000_000), (0, 0, 2_000_000_000)])
    func nothing(done: Int, total: Int, nanoseconds: Int) {
        #expect(ProgressBar.left(of: total, done: done, nanoseconds: nanoseconds).isEmpty)
    }
}
