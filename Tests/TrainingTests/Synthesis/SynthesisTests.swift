import Imaging
import Platform
import SimulatedLine
import Testing
import Training

@Suite("synthetic anomalies")
struct SynthesisTests {
    static let sizes = [
        Size(width: 256, height: 256), Size(width: 97, height: 61), Size(width: 40, height: 200),
    ]

    @Test(
        "every recipe changes colour and grey pictures of any size, and keeps the guards",
        arguments: SynthesisRecipe.allCases)
    func guards(recipe: SynthesisRecipe) throws {
        for size in Self.sizes {
            for channelCount in [1, 3] {
                let picture = Specimens.grain(size, channelCount: channelCount)
                var made = 0
                for index in 0..<12 as Range<UInt64> {
                    guard
                        let anomaly = Synthesizer().anomaly(
                            recipe, in: picture, foreground: nil, seed: 3, index: index)
                    else { continue }
                    made += 1
                    try Self.check(anomaly, recipe, picture)
                }
                #expect(made >= 8, "\(recipe) in \(size) with \(channelCount) channels")
            }
        }
    }

    private static func check(_ anomaly: SyntheticAnomaly, _ recipe: SynthesisRecipe, _ picture: Picture)
        throws
    {
        #expect(anomaly.recipe == recipe)
        #expect(anomaly.picture.size == picture.size && anomaly.mask.size == picture.size)
        #expect(anomaly.picture.channelCount == picture.channelCount)
        #expect(1...Synthesizer.Guard.redraws + 1 ~= anomaly.drawCount)
        let changes = Specimens.changes(picture, anomaly.picture)
        if recipe == .poisson {
            #expect(anomaly.mask.pixels == slowMedian(changes.map { $0 > 1 }, picture.size))
        } else {
            #expect(anomaly.mask.pixels == changes.map { $0 > 0 })
        }
        let count = anomaly.mask.count
        #expect(count >= Synthesizer.Guard.smallestCount)
        #expect(Double(count) <= 0.4 * Double(picture.size.pixelCount))
        var sum = 0
        for pixel in 0..<picture.size.pixelCount where anomaly.mask.pixels[pixel] {
            for channel in 0..<picture.channelCount {
                let place = pixel * picture.channelCount + channel
                sum += abs(Int(picture.levels[place]) - Int(anomaly.picture.levels[place]))
            }
        }
        #expect(sum > 6 * count * picture.channelCount)
    }

    /// The median of 5x5 by its definition; nothing beyond the border.
    private static func slowMedian(_ pixels: [Bool], _ size: Size) -> [Bool] {
        pixels.indices.map { index in
            var count = 0
            for y in index / size.width - 2...index / size.width + 2 where 0..<size.height ~= y {
                for x in index % size.width - 2...index % size.width + 2 where 0..<size.width ~= x {
                    if pixels[y * size.width + x] { count += 1 }
                }
            }
            return count > 12
        }
    }

    @Test("the same seed and index give the same bytes, another of either gives others")
    func reproducible() throws {
        let picture = try Specimens.part(.cast, Size(width: 128, height: 128))
        func bytes(_ seed: UInt64, _ index: UInt64) -> [UInt8]? {
            Synthesizer().anomaly(in: picture, foreground: nil, seed: seed, index: index)?.picture.levels
        }
        for index in 0..<20 as Range<UInt64> {
            #expect(bytes(1, index) == bytes(1, index))
            #expect(bytes(1, index) != bytes(1, index + 1))
            #expect(bytes(1, index) != bytes(2, index))
        }
    }

    /// The checksums of the picture and of the mask of index 0 and seed 9 in a grey and in a colour specimen. They
    /// change with every change of a recipe on purpose: whoever trains with it must know.
    static let golden: [SynthesisRecipe: [UInt64]] = [
        .perlin: [17_476_691_063_343_412_520, 7_567_966_630_671_691_187],
        .las: [17_116_417_092_859_937_834, 6_453_178_254_023_162_400],
        .selftex: [2_788_917_877_557_044_772, 4_781_587_648_757_519_227],
        .poisson: [17_603_691_783_398_151_227, 16_094_968_712_387_870_355],
        .cutpaste: [10_589_499_392_027_849_270, 11_972_031_354_186_972_084],
        .scar: [411_989_995_024_125_408, 1_729_780_954_913_953_079],
        .scratch: [8_127_030_803_799_751_999, 2_815_022_908_097_364_947],
        .stain: [10_875_429_071_245_879_426, 3_478_404_279_729_774_788],
        .missing: [6_162_270_033_276_672_802, 17_096_586_250_195_000_101],
        .blur: [8_369_911_209_711_724_417, 2_915_996_303_800_990_919],
        .dots: [1_729_702_284_233_060_679, 8_036_118_316_534_790_459],
    ]

    @Test("every recipe makes the documented bytes", arguments: SynthesisRecipe.allCases)
    func golden(recipe: SynthesisRecipe) throws {
        var sources = SynthesisSources()
        sources.textures = [Specimens.grain(Size(width: 50, height: 30), channelCount: 3, seed: 8)]
        sources.otherProducts = [Specimens.grain(Size(width: 64, height: 64), channelCount: 1, seed: 9)]
        sources.normals = [Specimens.grain(Size(width: 96, height: 80), channelCount: 3, seed: 10)]
        let sums = try [1, 3].map { channelCount in
            let picture = Specimens.grain(Size(width: 96, height: 80), channelCount: channelCount)
            let made = try #require(
                Synthesizer(sources: sources).anomaly(recipe, in: picture, foreground: nil, seed: 9, index: 0)
            )
            let bytes = made.picture.levels + made.mask.pixels.map { $0 ? 1 : 0 }
            return unsafe XXHash64.checksum(of: bytes.span.bytes)
        }
        #expect(sums == Self.golden[recipe], "now \(sums)")
    }

    @Test("a grey picture stays grey though it is stored in colour", arguments: SynthesisRecipe.allCases)
    func colourless(recipe: SynthesisRecipe) {
        let grey = Specimens.grain(Size(width: 64, height: 64), channelCount: 1)
        let stored = Picture(
            size: grey.size, channelCount: 3, levels: grey.levels.flatMap { [$0, $0, $0] })
        for index in 0..<5 as Range<UInt64> {
            let made = Synthesizer().anomaly(recipe, in: stored, foreground: nil, seed: 4, index: index)
            let other = Synthesizer().anomaly(recipe, in: grey, foreground: nil, seed: 4, index: index)
            #expect(made?.picture.levels == other?.picture.levels.flatMap { [$0, $0, $0] })
            #expect(made?.mask == other?.mask)
        }
    }

    @Test("the mix draws recipes as often as it says")
    func mix() {
        let picture = Specimens.grain(Size(width: 64, height: 64), channelCount: 1)
        var counts: [SynthesisRecipe: Int] = [:]
        let mix = SynthesisMix([.scratch: 3, .dots: 1])
        for index in 0..<400 as Range<UInt64> {
            let made = Synthesizer(mix: mix).anomaly(in: picture, foreground: nil, seed: 1, index: index)
            if let made { counts[made.recipe, default: 0] += 1 }
        }
        #expect(counts.values.reduce(0, +) == 400)
        #expect(260...340 ~= counts[.scratch, default: 0])
    }

    @Test("a recipe that does nothing to a flat picture gives way to one that does")
    func flat() {
        let picture = Picture(
            size: Size(width: 64, height: 64), channelCount: 3,
            levels: [UInt8](repeating: 128, count: 3 * 4096))
        for recipe in [SynthesisRecipe.blur, .missing] {
            #expect(Synthesizer().anomaly(recipe, in: picture, foreground: nil, seed: 1, index: 0) == nil)
        }
        let mix = SynthesisMix([.blur: 1000, .scratch: 0.001])
        let made = Synthesizer(mix: mix).anomaly(in: picture, foreground: nil, seed: 1, index: 0)
        #expect(made?.recipe == .scratch)
        #expect(
            Synthesizer(mix: SynthesisMix([.blur: 1])).anomaly(
                in: picture, foreground: nil, seed: 1, index: 0)
                == nil)
    }

    @Test("anomalies of an object keep to it where they are made of masks, and begin on it elsewhere")
    func foreground() throws {
        let size = Size(width: 128, height: 128)
        var levels = Specimens.grain(size, channelCount: 1).levels
        for index in levels.indices where !(40..<90 ~= index % 128 && 30..<100 ~= index / 128) {
            levels[index] = 8
        }
        let picture = Picture(size: size, channelCount: 1, levels: levels)
        let object = try #require(PixelMask.foreground(of: picture))
        #expect(0.15...0.25 ~= Double(object.count) / 16_384)
        for recipe in SynthesisRecipe.allCases {
            for index in 0..<6 as Range<UInt64> {
                let made = Synthesizer().anomaly(
                    recipe, in: picture, foreground: object, seed: 2, index: index)
                guard let mask = made?.mask.pixels else { continue }
                let inside = zip(mask, object.pixels).contains { $0 && $1 }
                #expect(inside, "\(recipe) \(index)")
                if [.perlin, .las, .selftex, .blur].contains(recipe) {
                    #expect(!zip(mask, object.pixels).contains { $0 && !$1 }, "\(recipe) \(index)")
                }
            }
        }
    }

    @Test("there is no foreground where the whole picture is one material, or nothing stands out")
    func noForeground() throws {
        #expect(
            PixelMask.foreground(
                of: Specimens.grain(Size(width: 64, height: 64), channelCount: 3), threshold: 200) == nil)
        let flat = Picture(
            size: Size(width: 31, height: 17), channelCount: 1, levels: [UInt8](repeating: 9, count: 527))
        #expect(PixelMask.foreground(of: flat) == nil)
    }

    @Test("tiny pictures are changed or refused, never trapped on")
    func tiny() {
        for width in 1...9 {
            for height in [1, 2, 3, 8] {
                let picture = Specimens.grain(Size(width: width, height: height), channelCount: 3)
                for recipe in SynthesisRecipe.allCases {
                    for index in 0..<3 as Range<UInt64> {
                        let made = Synthesizer().anomaly(
                            recipe, in: picture, foreground: nil, seed: 1, index: index)
                        #expect(made.map { $0.mask.count >= 10 } ?? true)
                    }
                }
            }
        }
    }
}
