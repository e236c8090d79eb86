import EventStorage
import FoundationEssentials
import Testing

/// What a person is told who asks whether the log is sound.
struct LogCheckTests {
    @Test("a folder without a log has none, and a log is sound while it is written and after")
    func sound() throws {
        let store = Storehouse()
        #expect(try LogCheck.run(folder: store.folder, seconds: 5) == .none)
        let log = try store.open()
        #expect(try LogCheck.run(folder: store.folder, seconds: 5) == .sound)
        try log.stop()
        #expect(try LogCheck.run(folder: store.folder, seconds: 5) == .sound)
    }

    @Test("a file that is no database is damaged, and is left as it is")
    func damaged() throws {
        let store = Storehouse()
        try store.open().stop()
        let words = [UInt8]("this is not a database, and long enough to be looked at".utf8)
        try store.write(words, to: "events.db")
        guard case .damaged = try LogCheck.run(folder: store.folder, seconds: 5) else {
            Issue.record("it was taken for a database")
            return
        }
        #expect(FileManager.default.contents(atPath: store.folder + "/events.db").map(Array.init) == words)
    }
}
