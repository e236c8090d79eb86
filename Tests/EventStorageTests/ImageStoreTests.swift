import EventStorage
import Events
import Testing

struct ImageStoreTests {
    private func settings(bytes: Int = 10_000, days: Int = 14) -> ImageStore.Settings {
        var settings = ImageStore.Settings()
        (settings.bytes, settings.days, settings.minimumFreeBytes) = (bytes, days, 0)
        return settings
    }

    private func picture(_ count: Int) -> [UInt8] { Array(repeating: 7, count: count) }

    private func digest() -> [UInt8] { Array(repeating: 1, count: 32) }

    @Test("a picture lies under the day and the number of its record, and its row follows")
    func save() throws {
        let house = Storehouse()
        let log = try house.open()
        let images = try ImageStore(log, settings: settings())
        let seq = try log.commit([result(1)]).last
        for kind in ImageStore.Kind.allCases {
            let outcome = try images.save(picture(100), digest: digest(), seq: seq, kind: kind, format: .png)
            #expect(outcome == .saved(path: "images/2026/11/21/\(seq).\(kind).png"))
        }
        #expect(try images.paths(of: seq) == [:], "the rows ride in the next commit")
        try log.commit([])
        #expect(try images.paths(of: seq)[.frame] == "images/2026/11/21/\(seq).frame.png")
        #expect(try images.paths(of: seq).count == 3)
        #expect(try house.bytes("images/2026/11/21/\(seq).map.png") == picture(100))
        #expect(try log.reader.record(at: seq).result?.image != nil)
        #expect(images.byteCount == 300)
    }

    @Test("pictures of OK results go first, then the oldest, and none of a marked result")
    func quota() throws {
        let house = Storehouse()
        let log = try house.open()
        let images = try ImageStore(log, settings: settings(bytes: 1000))
        let publisher = try Publisher(log: log, rings: []) { _ in }
        defer { publisher.finish() }
        let last = try log.commit([result(1), result(2, verdict: .ok), result(3), result(4), result(5)]).last
        let seqs = Array(last - 4...last)
        try log.answer { log.mark(Mark(seq: seqs[0], verdict: .ok, absorb: false, box: Box(), uid: 1), $0) }
        for seq in seqs.prefix(4) {
            _ = try images.save(picture(250), digest: digest(), seq: seq, kind: .frame, format: .jpeg)
        }
        try log.commit([])
        var left: [UInt64] { seqs.filter { (try? images.paths(of: $0).isEmpty) == false } }
        #expect(left == Array(seqs.prefix(4)))
        _ = try images.save(picture(250), digest: digest(), seq: seqs[4], kind: .frame, format: .jpeg)
        try log.commit([])
        #expect(left == [seqs[0], seqs[2], seqs[3], seqs[4]])
        _ = try images.save(picture(250), digest: digest(), seq: seqs[4], kind: .map, format: .jpeg)
        try log.commit([])
        #expect(left == [seqs[0], seqs[3], seqs[4]])
        #expect(images.byteCount == 1000)
        #expect(log.status.count == 6, "no result went for a picture")
    }

    @Test("pictures go when they are too old")
    func age() throws {
        let house = Storehouse()
        let log = try house.open()
        let images = try ImageStore(log, settings: settings(days: 2))
        let publisher = try Publisher(log: log, rings: []) { _ in }
        defer { publisher.finish() }
        _ = try images.save(picture(10), digest: digest(), seq: 1, kind: .frame, format: .jpeg)
        try log.commit([])
        house.clock.pass(days: 2)
        #expect(try images.evict() == 0)
        house.clock.pass(days: 1)
        #expect(try images.evict() == 1)
        #expect(images.byteCount == 0)
        #expect(!house.files.contains("images/2026/11/21/1.frame.jpg"))
    }

    @Test("a picture is dropped, and nothing else happens, when the disk is low or it exceeds the quota")
    func dropped() throws {
        let house = Storehouse()
        let free = Guarded(500)
        let log = try house.open { $0.freeBytes = { _ in free.value } }
        var settings = settings(bytes: 1000)
        settings.minimumFreeBytes = 400
        let images = try ImageStore(log, settings: settings)
        let low = try images.save(picture(101), digest: digest(), seq: 1, kind: .frame, format: .jpeg)
        #expect(low == .diskLow(freeBytes: 500))
        free.change { $0 = 1 << 30 }
        let large = try images.save(picture(1001), digest: digest(), seq: 1, kind: .frame, format: .jpeg)
        #expect(large == .tooLarge)
        #expect(images.byteCount == 0)
    }

    @Test("files without a row and rows without a file are gone after the next start")
    func sweep() throws {
        let house = Storehouse()
        var log = try house.open()
        var images = try ImageStore(log, settings: settings())
        for seq in 1...3 as ClosedRange<UInt64> {
            _ = try images.save(picture(10), digest: digest(), seq: seq, kind: .frame, format: .jpeg)
        }
        try log.commit([])
        _ = try images.save(picture(10), digest: digest(), seq: 4, kind: .frame, format: .jpeg)
        try house.write([1], to: "images/2026/11/21/.linewatch-x.tmp")
        house.remove("images/2026/11/21/2.frame.jpg")
        log.abandon()
        log = try house.open()
        images = try ImageStore(log, settings: settings())
        #expect(images.byteCount == 20)
        let present = try (1...4).filter { try !images.paths(of: $0).isEmpty }
        #expect(present == [1, 3])
        #expect((try? house.bytes("images/2026/11/21/4.frame.jpg")) == nil)
        #expect((try? house.bytes("images/2026/11/21/.linewatch-x.tmp")) == nil)
        #expect(try house.bytes("images/2026/11/21/3.frame.jpg") == picture(10))
    }

    @Test(
        "the day of a picture is the day of the calendar",
        arguments: [
            (0, "1970/01/01"), (951_782_400_000, "2000/02/29"), (1_795_230_000_000, "2026/11/21"),
            (1_798_761_599_999, "2026/12/31"), (1_798_761_600_000, "2027/01/01"),
            (4_107_542_400_000, "2100/03/01"),
        ] as [(Int64, String)])
    func calendar(milliseconds: Int64, day: String) throws {
        let house = Storehouse()
        let log = try house.open { $0.milliseconds = { milliseconds } }
        let images = try ImageStore(log, settings: settings())
        let outcome = try images.save(picture(1), digest: digest(), seq: 9, kind: .crop, format: .jpeg)
        #expect(outcome == .saved(path: "images/\(day)/9.crop.jpg"))
    }
}
