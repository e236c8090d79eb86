import Imaging
import Testing
import Training

@Suite("views of synthetic anomalies")
struct PictureViewTests {
    @Test("that mirror and turn move picture and mask alike, pixel by pixel", arguments: [64, 37])
    func exact(side: Int) throws {
        let size = Size(width: side, height: side)
        let good = Specimens.grain(size, channelCount: 3)
        let made = try #require(
            Synthesizer().anomaly(.cutpaste, in: good, foreground: nil, seed: 1, index: 0))
        var seen: Set<[UInt8]> = []
        for turns in 0...3 {
            for isMirrored in [false, true] {
                let view = PictureView(crop: Region(all: size), isMirrored: isMirrored, quarterTurns: turns)
                let moved = try #require(made.seen(in: view))
                let changes = Specimens.changes(good.seen(in: view), moved.picture)
                #expect(changes.map { $0 > 0 } == moved.mask.pixels)
                #expect(moved.mask.count == made.mask.count)
                #expect(moved.picture.levels.sorted() == made.picture.levels.sorted())
                seen.insert(moved.picture.levels)
            }
        }
        #expect(seen.count == 8)
        #expect(seen.contains(made.picture.levels))
    }

    @Test("that cut keep ten pixels of the anomaly, or are refused")
    func cut() throws {
        let size = Size(width: 90, height: 60)
        let good = Specimens.grain(size, channelCount: 1)
        let made = try #require(Synthesizer().anomaly(.dots, in: good, foreground: nil, seed: 1, index: 0))
        var refused = 0
        for index in 0..<200 as Range<UInt64> {
            var random = CounterRandom(seed: 7, index: index)
            let view = PictureView.drawn(for: size, smallestShare: 0.3, &random)
            #expect(view.crop.isContained(in: size) && view.quarterTurns % 2 == 0)
            guard let moved = made.seen(in: view) else {
                refused += 1
                continue
            }
            #expect(moved.mask.count >= 10 && moved.picture.size == size)
        }
        #expect(1..<200 ~= refused)
    }
}
