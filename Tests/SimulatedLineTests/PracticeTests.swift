import Imaging
import SimulatedLine
import Testing

struct PracticeTests {
    static let kinds = PracticeCatalogue.kinds
    /// Those whose pictures do not take a line to be set up first.
    static let painted = Array(kinds.dropFirst(6))
    fileprivate static let small = Size(width: 96, height: 80)

    private func picture(
        _ kind: PracticeKind, product: UInt32 = 3, sample: Int = 5, defective: Bool = false,
        size: Size = small, colour: Bool = true
    ) -> PracticeSample {
        kind.render(product: product, sample: sample, defective: defective, size: size, colour: colour)
    }

    @Test("the catalogue has dozens of kinds, each with names of its own and words for its defects")
    func namesAreDistinct() {
        #expect(PracticeTests.kinds.count >= 60)
        let names = PracticeTests.kinds.flatMap(\.names)
        #expect(Set(names).count == names.count)
        for kind in PracticeTests.kinds {
            #expect(kind.names.count >= 2 && kind.stateWords.count >= 4, "\(kind.names)")
        }
    }

    @Test("every kind renders at odd sizes, in colour and in grey")
    func oddSizes() {
        for (index, kind) in PracticeTests.kinds.enumerated() {
            for size in [Size(width: 67, height: 131), Size(width: 129, height: 64)] {
                let isColour = index & 1 == 0
                let sample = picture(kind, defective: true, size: size, colour: isColour)
                #expect(sample.pixels.count == size.pixelCount * (isColour ? 3 : 1))
                #expect(sample.mask.count == size.pixelCount && sample.image.size == size)
                #expect(!sample.states.isEmpty, "\(kind.names[0]) \(size)")
            }
        }
    }

    @Test("equal arguments give equal bytes, whatever was rendered in between")
    func samplesAreIndependent() {
        let first = PracticeTests.kinds.map { picture($0, defective: true) }
        let again = PracticeTests.kinds.reversed().map { picture($0, defective: true) }
        #expect(first == again.reversed())
    }

    @Test("other products, other samples and other kinds give other pixels")
    func productsDiffer() {
        for kind in PracticeTests.painted {
            let pictures = [picture(kind), picture(kind, product: 4), picture(kind, sample: 6)].map(\.pixels)
            #expect(Set(pictures).count == 3, "\(kind.names[0])")
        }
        #expect(Set(PracticeTests.kinds.map { picture($0).pixels }).count == PracticeTests.kinds.count)
    }

    @Test("the mask is empty if and only if nothing is wrong, and marks exactly the changed pixels")
    func masksAreExact() {
        for kind in PracticeTests.kinds {
            for number in 0..<6 {
                let isColour = number & 1 == 0
                let good = picture(kind, sample: number, colour: isColour)
                let bad = picture(kind, sample: number, defective: true, colour: isColour)
                #expect(good.states.isEmpty && !good.mask.contains { $0 != 0 })
                #expect(!bad.states.isEmpty && bad.mask.contains(255), "\(kind.names[0]) \(number)")
                let lanes = isColour ? 3 : 1
                let isExact = bad.mask.indices.allSatisfy { index in
                    let isSame = (0..<lanes).allSatisfy {
                        good.pixels[lanes * index + $0] == bad.pixels[lanes * index + $0]
                    }
                    return isSame == (bad.mask[index] == 0)
                }
                #expect(isExact, "\(kind.names[0]) \(number)")
            }
        }
    }

    @Test("every word for a defect occurs, and no other")
    func everyStateOccurs() {
        for (index, kind) in PracticeTests.kinds.enumerated() {
            var missing = Set(kind.stateWords)
            let known = missing
            for number in 0..<400 where !missing.isEmpty {
                // A line takes long to set up, so the six surfaces stay with one product. Of the others some
                // products lack what a word is about: not every cap is printed.
                let product: UInt32 = index < 6 ? 1 : UInt32(number & 3)
                let sample = picture(kind, product: product, sample: number, defective: true)
                #expect(known.isSuperset(of: sample.states))
                missing.subtract(sample.states)
            }
            #expect(missing.isEmpty, "\(kind.names[0]): \(missing)")
        }
    }

    /// Of one defective sample of every painted kind. It changes when what a kind looks like changes, and never
    /// from machine to machine.
    private static let pin: UInt64 = 0x7d14_4b81_588f_8a5e

    @Test("every kind has the same bytes on every machine")
    func pinned() {
        let bytes = PracticeTests.painted.flatMap { kind -> [UInt8] in
            let sample = picture(kind, product: 1, sample: 1, defective: true)
            return sample.pixels + sample.mask
        }
        let found = Lines.digest(bytes)
        #expect(found == PracticeTests.pin, "0x\(String(found, radix: 16))")
    }
}
