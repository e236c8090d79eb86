import Daemon
import Foundation
import Testing

@Suite("the record of starts")
struct CrashLoopTests {
    private static let start: Int64 = 1_800_000_000_000

    /// So many milliseconds after the beginning of a boot; its UTC clock is `shift` ahead.
    private static func moment(_ after: Int64, shift: Int64 = 0, boot: String = "b1") -> CrashLoop.Moment {
        CrashLoop.Moment(utc: start + after + shift, monotonic: 50_000 + after, boot: boot)
    }

    @Test("counts the starts of the last ten minutes that did not end in order")
    func counts() throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        for index in 0..<5 as Range<Int64> {
            #expect(record.note(Self.moment(index * 60_000)).count == Int(index))
        }
        // Ten minutes after the third start, the first two are forgotten.
        #expect(record.note(Self.moment(120_000 + 600_000)).count == 3)
        record.clear()
        #expect(record.note(Self.moment(721_000)).count == 0)
        #expect(record.note(Self.moment(722_000)).count == 1)
    }

    @Test(
        "within one boot a clock that jumps, back or forth, hides no start and invents none",
        arguments: [-86_400_000, 86_400_000, -30_000] as [Int64])
    func jumps(shift: Int64) throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        _ = record.note(Self.moment(0))
        for index in 1..<5 as Range<Int64> {
            #expect(record.note(Self.moment(index * 60_000, shift: shift)).count == Int(index))
        }
        // The clock says that it was just now, and it was an hour ago.
        #expect(record.note(Self.moment(3_600_000, shift: shift - 3_600_000)).count == 0)
    }

    @Test("across boots the clock decides, also one that a boot set back a little")
    func boots() throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        _ = record.note(CrashLoop.Moment(utc: Self.start, monotonic: 90_000_000, boot: "b1"))
        #expect(record.note(Self.moment(60_000, boot: "b2")).count == 1)
        #expect(record.note(Self.moment(0, shift: -120_000, boot: "b3")).count == 2)
        #expect(record.note(Self.moment(0, shift: -86_400_000, boot: "b4")).count == 0)
        // Without a name two boots are never taken for one.
        record.clear()
        _ = record.note(Self.moment(0, boot: ""))
        #expect(record.note(Self.moment(1, shift: 700_000, boot: "")).count == 0)
    }

    @Test("survives a torn file, lines of an older version, and any number of starts")
    func torn() throws {
        let folder = try StateFolder()
        let record = CrashLoop(folder: folder.path)
        let file = URL(filePath: folder.path + "/starts")
        try Data("18000\nxx\n\n-5 x y\n\(Int64.min) 0 b9\n17999999".utf8).write(to: file)
        #expect(record.note(Self.moment(0)).count == 0)
        try Data("\(Self.start - 1_000)\n\(Self.start - 700_000)\n".utf8).write(to: file)
        #expect(record.note(Self.moment(0)).count == 1)
        for index in 0..<100 as Range<Int64> { _ = record.note(Self.moment(index)) }
        #expect(record.note(Self.moment(100)).count >= 15)
        #expect(try Data(contentsOf: file).count < 600)
    }
}
