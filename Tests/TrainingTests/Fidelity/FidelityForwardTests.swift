import AnomalyModels
import Imaging
import Tensors
import Testing
import Training

/// AdaCLIP against an independent implementation in double precision: see Golden/adaclip.py.
struct FidelityForwardTests {
    private func picture(_ fixture: FidelityFixture) throws -> RGBImage {
        try RGBImage(size: Size(width: 52, height: 44), pixels: fixture.golden.uint8("photo"))
    }

    @Test("sentences about a part have the ids that the reference gives them")
    func sentences() throws {
        let fixture = try FidelityFixture()
        let sentences = try ClassSentences(className: "metal-nut", fixture.tokenizer)
        #expect(sentences.ids.count == 48 && ClassSentences.goodCount == 28)
        #expect(sentences.texts[17] == "a low resolution photo of the metal nut without flaw.")
        for index in [0, 17, 47] {
            #expect(
                try sentences.ids[index] == fixture.golden.int32("ids.\(index)"), "\(sentences.texts[index])")
        }
    }

    @Test("every intermediate tensor, the map and the score equal the reference's")
    func everything() throws {
        let fixture = try FidelityFixture()
        var network = try FidelityFixture.network()
        let observed = Observed()
        observed.watch(&network)
        let sentences = try ClassSentences(className: "metal-nut", fixture.tokenizer)
        let detector = FidelityDetector(network, sentences, workers: try Workers(count: 2))
        let result = try detector.detect(in: picture(fixture))

        for name in ["vision.tokens", "unprompted.embedding", "dynamic.visual", "dynamic.text"] {
            let ours = try #require(observed.values[name], "\(name)").values
            #expect(try relativeError(ours, fixture.golden.floats(name)) <= 1e-5, "\(name)")
        }
        try expectPrompts(observed, fixture.golden)
        // Behind prompts in half precision: what one step of that does to a few of their numbers.
        let names =
            (0..<4).flatMap { ["vision.tap\($0)", "patches\($0)", "logits\($0)"] }
            + ["vision.embedding", "text.sentences", "text", "image", "map.logits", "anomalies", "semantic"]
            + ["fused"]
        for name in names {
            let ours = try #require(observed.values[name], "\(name)").values
            #expect(try relativeError(ours, fixture.golden.floats(name)) <= 2e-4, "\(name)")
        }
        try expectTextBlocks(observed, sentences, fixture.golden)
        // The bars are 2e-3 and 1e-3; the aim is a tenth.
        #expect(largestDifference(result.rawMap, try fixture.golden.floats("map")) <= 2e-4)
        #expect(largestDifference(result.map, try fixture.golden.floats("map.smoothed")) <= 2e-4)
        #expect(largestDifference([result.score], try fixture.golden.floats("score")) <= 1e-4)
    }

    /// Prompts are equal to one step of half precision, and but for a few to the bit. What nearly cancels has the steps
    /// of a number a thousandth as large as the largest: products add in another order on other processors.
    private func expectPrompts(_ observed: Observed, _ golden: WeightFile) throws {
        for index in 0..<4 {
            for kind in ["visual", "text"] {
                let name = "prompts.\(kind)\(index)"
                let ours = try #require(observed.values[name]).values
                let theirs = try golden.floats(name)
                let least = (theirs.map(abs).max() ?? 0) / 1024
                let steps = zip(ours, theirs).map {
                    abs($0 - $1) / Float(Float16(max(abs($1), least)).ulp)
                }
                #expect(ours.count == theirs.count && steps.allSatisfy { $0 <= 2 }, "\(name)")
                #expect(steps.count { $0 > 0 } <= 5, "\(name)")
            }
        }
    }

    /// The tokens of three sentences behind each block, up to their ends. Block 0 sees no prompts.
    private func expectTextBlocks(
        _ observed: Observed, _ sentences: ClassSentences, _ golden: WeightFile
    ) throws {
        for block in 0..<5 {
            let ours = try #require(observed.values["text.block\(block)"])
            for sentence in [0, 17, 47] {
                let start = sentence * ours.shape[1] * ours.shape[2]
                let count = sentences.ids[sentence].count * ours.shape[2]
                let name = "text.block\(block).\(sentence)"
                let rows = Array(ours.values[start..<start + count])
                let error = try relativeError(rows, golden.floats(name))
                #expect(error <= (block == 0 ? 1e-5 : 2e-4), "\(name): \(error)")
            }
        }
    }

    /// A switch, and how far its map and score may lie from the reference's.
    struct Case: CustomTestStringConvertible {
        let text: String
        var map: Float = 2e-4
        var score: Float = 1e-4
        /// Whether it changes the map, and the score, by more than that.
        var changesMap = true
        var changesScore = true

        var testDescription: String { text }
    }

    @Test(
        "each switch computes what the reference computes with it, and not what the authors' setting does",
        arguments: [
            Case(text: "activation=tower"),
            // Prompts have no positions: where they stand matters to nothing.
            Case(text: "visual_prompts=front", changesMap: false, changesScore: false),
            Case(text: "text_prompts=insert"), Case(text: "passes=one"),
            Case(text: "align_corners=false", changesScore: false),
            Case(text: "map=softmax_per_tap", changesScore: false),
            Case(text: "map=margin", map: 2e-3, changesScore: false),
            // One step of half precision in a logit near 20 is 1/64: a number at its edge may fall to either side.
            Case(text: "emulate_half=true", map: 2e-3, changesScore: false),
            Case(text: "hsf=paper", changesMap: false), Case(text: "hsf=off", changesMap: false),
            // Without half precision only the error of float32 is left.
            Case(text: "half_prompts=false", map: 5e-5, score: 2e-5),
        ])
    func switches(_ one: Case) throws {
        let fixture = try FidelityFixture()
        let sentences = try ClassSentences(className: "metal-nut", fixture.tokenizer)
        let detector = FidelityDetector(
            try FidelityFixture.network([one.text]), sentences, workers: try Workers(count: 1))
        let result = try detector.detect(in: picture(fixture))
        let map = try fixture.golden.floats("\(one.text).map")
        let score = try fixture.golden.floats("\(one.text).score")
        #expect(largestDifference(result.rawMap, map) <= one.map)
        #expect(largestDifference([result.score], score) <= one.score)
        let plain = try (fixture.golden.floats("map"), fixture.golden.floats("score"))
        #expect((largestDifference(result.rawMap, plain.0) > one.map) == one.changesMap)
        #expect((largestDifference([result.score], plain.1) > one.score) == one.changesScore)
    }

    @Test("the same picture gives the same bits twice, and on another number of threads the same clusters")
    func repeatable() throws {
        let fixture = try FidelityFixture()
        let sentences = try ClassSentences(className: "metal-nut", fixture.tokenizer)
        let network = try FidelityFixture.network()
        let detector = FidelityDetector(network, sentences, workers: try Workers(count: 2))
        let first = try detector.detect(in: picture(fixture))
        let again = try detector.detect(in: picture(fixture))
        #expect(first.map == again.map && first.score == again.score)
        let alone = FidelityDetector(network, sentences, workers: try Workers(count: 1))
        #expect(try abs(alone.detect(in: picture(fixture)).score - first.score) <= 1e-5)
    }

    @Test("the heads have as many trained numbers as is counted by hand")
    func counts() throws {
        // 4 J M static, M (in + 1) out of each generator, 4 (in + 1) out of the patches, (in + 1) out of the class.
        let heads = try FidelityHeads(FidelityFixture.heads(), for: FidelityFixture.tower())
        let (v, t) = (128, 64)
        let expected = 20 * (v + t) + 5 * (t + 1) * (v + t) + 4 * (v + 1) * t + (t + 1) * t
        #expect(heads.parameters.count == expected)
        #expect(heads.form.promptedBlocks == 4 && heads.form.prompts == 5)
    }
}
