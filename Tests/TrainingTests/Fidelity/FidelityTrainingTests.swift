import Imaging
import Tensors
import Testing
import Training

/// Training steps against PyTorch's: see Golden/adaclip.py.
struct FidelityTrainingTests {
    /// The three steps of the recording: a bad part, a good one, and the bad one under another name.
    private func samples(_ fixture: FidelityFixture) throws -> [FidelityTrainer.Sample] {
        let golden = fixture.golden
        let photo = try RGBImage(size: Size(width: 52, height: 44), pixels: golden.uint8("photo"))
        let other = try RGBImage(size: Size(width: 64, height: 30), pixels: golden.uint8("other"))
        let mask = try FidelityPicture.target(of: golden.uint8("mask"), size: photo.size, side: 40)
        let nut = try ClassSentences(className: "metal nut", fixture.tokenizer)
        let leather = try ClassSentences(className: "leather", fixture.tokenizer)
        let bad = FidelityPicture.tensor(of: photo, side: 40)
        return [
            .init(picture: bad, mask: mask, sentences: nut),
            .init(
                picture: FidelityPicture.tensor(of: other, side: 40),
                mask: [Float](repeating: 0, count: 1600),
                sentences: nut),
            .init(picture: bad, mask: mask, sentences: leather),
        ]
    }

    /// The numbers of a tensor that the recording has.
    private func part(_ values: [Float]) -> [Float] {
        values.count > 1000 ? stride(from: 0, to: values.count, by: 5).map { values[$0] } : values
    }

    @Test("the gradients of a step are the reference's within 1e-3")
    func gradients() throws {
        let fixture = try FidelityFixture()
        var network = try FidelityFixture.network()
        let observed = Observed()
        observed.watch(&network)
        let trainer = FidelityTrainer(network, workers: try Workers(count: 2))
        let loss = try trainer.takeStep([samples(fixture)[0]])
        let expected = try #require(try fixture.golden.floats("losses").first)
        #expect(abs(loss - Double(expected)) <= 1e-4 * Double(expected))
        for index in 0..<4 {
            let ours = try #require(observed.values["probabilities\(index)"]?.values)
            let theirs = try fixture.golden.floats("probabilities\(index)")
            #expect(largestDifference(ours, theirs) <= 2e-4, "tap \(index)")
        }
        for parameter in network.heads.parameters.all {
            let theirs = try fixture.golden.floats("gradient." + parameter.name)
            #expect(relativeError(part(parameter.gradients), theirs) <= 1e-3, "\(parameter.name)")
        }
    }

    @Test("the overwritten prompts of the first text block get no gradient, all others do")
    func unusedPrompts() throws {
        let fixture = try FidelityFixture()
        for (text, isUsed) in [("text_prompts=overwrite", false), ("text_prompts=insert", true)] {
            let network = try FidelityFixture.network([text])
            _ = try FidelityTrainer(network, workers: try Workers(count: 2)).takeStep([samples(fixture)[0]])
            for parameter in network.heads.parameters.all {
                let isFirst = parameter.name.hasSuffix("text_prompter.static_prompts.0")
                #expect(parameter.gradients.contains { $0 != 0 } == (isUsed || !isFirst), "\(parameter.name)")
            }
        }
    }

    @Test("three steps of AdamW have the reference's losses, and end with its parameters")
    func steps() throws {
        let fixture = try FidelityFixture()
        let network = try FidelityFixture.network()
        let trainer = FidelityTrainer(network, workers: try Workers(count: 2))
        let losses = try samples(fixture).map { Float(try trainer.takeStep([$0])) }
        for (ours, theirs) in zip(losses, try fixture.golden.floats("losses")) {
            #expect(abs(ours - theirs) <= 1e-3 * theirs, "\(ours), \(theirs)")
        }
        for parameter in network.heads.parameters.all {
            let theirs = try fixture.golden.floats("trained." + parameter.name)
            let ours = part(parameter.values)
            // Adam's first steps have the size of the rate whatever the gradient's: one that is nearly 0 decides the
            // way by its sign alone, and that may be lost to rounding.
            let far = zip(ours, theirs).count { abs($0 - $1) > 1e-3 }
            #expect(ours.count == theirs.count && 100 * far <= ours.count, "\(parameter.name): \(far)")
        }
    }

    @Test("dice over the whole image, instead of each row, has the reference's losses and gradient")
    func wholeImage() throws {
        let fixture = try FidelityFixture()
        let network = try FidelityFixture.network(["dice=image"])
        let trainer = FidelityTrainer(network, workers: try Workers(count: 2))
        let theirs = try fixture.golden.floats("dice=image.losses")
        let name = "clip_model.patch_token_layer.head.3.bias"
        for (index, sample) in try samples(fixture).enumerated() {
            let loss = Float(try trainer.takeStep([sample]))
            #expect(abs(loss - theirs[index]) <= 1e-3 * theirs[index])
            guard index == 0 else { continue }
            let gradient = try #require(network.heads.parameters[name]).gradients
            #expect(relativeError(gradient, try fixture.golden.floats("dice=image.gradient." + name)) <= 1e-3)
        }
    }

    @Test("several pictures make a step only where that is allowed, and then by the mean of their losses")
    func batches() throws {
        let fixture = try FidelityFixture()
        let samples = try Array(samples(fixture).prefix(2))
        let one = try FidelityFixture.network()
        #expect(throws: FidelityError.self) {
            try FidelityTrainer(one, workers: try Workers(count: 1)).takeStep(samples)
        }
        let any = try FidelityFixture.network(["batch=any"])
        let trainer = FidelityTrainer(any, workers: try Workers(count: 2))
        #expect(throws: FidelityError.self) { try trainer.takeStep([]) }
        let loss = try trainer.takeStep(samples)
        let single = try samples.map { sample in
            let network = try FidelityFixture.network()
            return try FidelityTrainer(network, workers: try Workers(count: 2)).takeStep([sample])
        }
        #expect(abs(loss - (single[0] + single[1]) / 2) <= 1e-4 * loss)
    }

    @Test("untrained heads of a tower begin as published, and a step changes every used one")
    func beginning() throws {
        let fixture = try FidelityFixture()
        let tower = try FidelityFixture.tower()
        let heads = FidelityHeads(for: tower, seed: 3)
        let same = FidelityHeads(for: tower, seed: 3)
        let prompts = heads.parameters.all.filter { $0.name.contains("static_prompts") }.flatMap(\.values)
        let square = prompts.reduce(0) { $0 + $1 * $1 } / Float(prompts.count)
        #expect(0.016...0.022 ~= square.squareRoot())
        #expect(heads.parameters.all.map(\.values) == same.parameters.all.map(\.values))

        let network = FidelityNetwork(tower, heads, try FidelityFixture.settings([]))
        _ = try FidelityTrainer(network, workers: try Workers(count: 2)).takeStep([samples(fixture)[0]])
        for (after, before) in zip(heads.parameters.all, same.parameters.all) {
            #expect(after.values != before.values, "\(after.name)")
        }
    }
}
