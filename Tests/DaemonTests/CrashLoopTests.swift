import Daemon
import Foundation
import Testing

@Suite("the record of starts")
struct CrashLoopTests {
    @Test("counts the starts of the last ten minutes that did not end in order")
    func counts() throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        let start: Int64 = 1_800_000_000_000
        for index in 0..<5 as Range<Int64> {
            #expect(record.note(now: start + index * 60_000).count == Int(index))
        }
        // Ten minutes after the third start, the first two are forgotten.
        #expect(record.note(now: start + 120_000 + 600_000).count == 3)
        record.clear()
        #expect(record.note(now: start + 721_000).count == 0)
        #expect(record.note(now: start + 722_000).count == 1)
    }

    @Test("survives a torn file, a clock that went back, and any number of starts")
    func torn() throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        try Data("18000\nxx\n\n-5\n17999999".utf8).write(to: URL(filePath: folder.path + "/starts"))
        #expect(record.note(now: 1_800_000_000_000).count == 0)
        #expect(record.note(now: 1_700_000_000_000).count == 0)
        for index in 0..<100 as Range<Int64> { _ = record.note(now: 1_800_000_000_000 + index) }
        #expect(record.note(now: 1_800_000_000_100).count >= 15)
        let size = try Data(contentsOf: URL(filePath: folder.path + "/starts")).count
        #expect(size < 300)
    }
}
