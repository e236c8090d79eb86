import EventStorage
import Events
import Platform
import Testing

struct StartPlanTests {
    private func past(
        last: UInt64, mark: UInt64, clean: Bool, jobs: UInt32 = 300, next: UInt32 = 250
    ) -> StartPlan.Past {
        StartPlan.Past(
            mark: SequenceMark(log: "0123abcd", run: 7, seq: mark, job: jobs), last: last,
            nextJob: clean ? next : 0, isClean: clean)
    }

    @Test("after a clean stop numbering goes on at the next number, without a gap")
    func clean() {
        let plan = StartPlan(after: past(last: 41, mark: 100, clean: true))
        #expect(plan.gap == nil)
        #expect(plan.next == 42)
        #expect(plan.nextJob == 250)
        #expect(plan.run == 8)
    }

    @Test("after an unclean stop the gap is exactly what was reserved and not written")
    func unclean() {
        for (last, mark) in [(0, 100), (41, 100), (99, 100), (100, 100)] as [(UInt64, UInt64)] {
            let plan = StartPlan(after: past(last: last, mark: mark, clean: false))
            #expect(plan.gap == (last < mark ? last + 1...mark : nil), "last \(last)")
            #expect(plan.why == .uncleanStop)
            #expect(plan.next == mark + 1)
            #expect(plan.nextJob == 301)
        }
    }

    @Test("a new log begins above the highest mark, and one gap covers all below")
    func recreated() {
        let marks = [
            SequenceMark(log: "0123abcd", run: 7, seq: 100, job: 50),
            SequenceMark(log: "fedc4567", run: 9, seq: 80, job: 90),
        ]
        let plan = StartPlan(above: marks)
        #expect(plan.gap == 1...100)
        #expect(plan.why == .logRecreated)
        #expect((plan.next, plan.nextJob, plan.run) == (101, 91, 10))
    }

    @Test("the first log of all begins at 1 without a gap")
    func first() {
        let plan = StartPlan(above: [])
        #expect(plan.gap == nil)
        #expect((plan.next, plan.nextJob, plan.run) == (1, 1, 1))
    }
}

struct SequenceMarkTests {
    private let mark = SequenceMark(log: "0123abcd", run: 42, seq: 123_456_789_012, job: 77)

    @Test("a mark is read back as it was written")
    func roundTrip() {
        #expect(SequenceMark(mark.encoded) == mark)
        #expect(String(decoding: mark.encoded, as: UTF8.self).hasPrefix("LWM1 0123abcd 42 123456789012 77 "))
    }

    @Test("a mark with any bit changed, cut at any byte or with bytes after it is refused")
    func damaged() {
        let bytes = mark.encoded
        for index in bytes.indices {
            for bit in 0..<8 {
                var copy = bytes
                copy[index] ^= 1 << bit
                #expect(SequenceMark(copy) == nil, "byte \(index), bit \(bit)")
            }
            #expect(SequenceMark(Array(bytes.prefix(index))) == nil, "cut at \(index)")
        }
        #expect(SequenceMark(bytes + [10]) == nil)
    }

    @Test("random bytes are refused, never with a trap")
    func fuzz() {
        var random = SplitMix64(seed: 1)
        for _ in 0..<20_000 {
            var bytes = mark.encoded
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
                    in: 0...255, using: &random)
            }
            if let read = SequenceMark(bytes) { #expect(read.encoded == bytes) }
        }
    }

    @Test("numbers at the end of their type are refused: nothing could come after them")
    func implausible() {
        for mark in [
            SequenceMark(log: "0123abcd", run: .max, seq: 1, job: 1),
            SequenceMark(log: "0123abcd", run: 1, seq: 1 << 53, job: 1),
            SequenceMark(log: "0123abcd", run: 1, seq: 1, job: .max),
            SequenceMark(log: "0123ABCD", run: 1, seq: 1, job: 1),
        ] {
            #expect(SequenceMark(mark.encoded) == nil)
        }
    }

    @Test("a mark is newer than a database of an earlier run, of a lower mark, or of another log")
    func newer() {
        var database = mark
        #expect(!mark.isNewer(than: database))
        database.seq -= 1
        #expect(mark.isNewer(than: database))
        #expect(!database.isNewer(than: mark))
        database = mark
        database.job -= 1
        #expect(mark.isNewer(than: database))
        database = mark
        database.log = "99999999"
        #expect(mark.isNewer(than: database))
        database.run += 1
        #expect(!mark.isNewer(than: database))
        database.run -= 2
        #expect(mark.isNewer(than: database))
    }
}
