package import Imaging

extension PracticeKind {
    /// Pictures have at least this many pixels to a side.
    package static let minimumSide = 64

    /// Sample `sample` of `product`; with `defective`, the same sample with one or two of the kind's defects.
    ///
    /// - Precondition: `size` is valid and no side is below `minimumSide`.
    package func render(
        product: UInt32, sample: Int, defective: Bool, size: Size, colour: Bool
    ) -> PracticeSample {
        precondition(
            size.isValid && min(size.width, size.height) >= PracticeKind.minimumSide,
            "a practice picture of \(size)")
        switch making {
        case .line(let surface):
            return lineSample(surface, product, sample, defective: defective, size, colour)
        case .painted(let design):
            return paintedSample(design, product, sample, defective: defective, size, colour)
        }
    }

    private func paintedSample(
        _ design: @Sendable (inout Random) -> PracticeWork, _ product: UInt32, _ sample: Int,
        defective: Bool, _ size: Size, _ colour: Bool
    ) -> PracticeSample {
        let productSeed = scrambled(product, 11, seed)
        var designing = Random(seed: productSeed, purpose: .layout)
        let look = Look(&designing)
        let work = design(&designing)

        var posing = Random(seed: productSeed, purpose: .pose, index: sample)
        let scale = Float(min(size.width, size.height)) / 256
        let pose = SamplePose(look, isTexture: isTexture, scale: scale, &posing)
        var sheet = PracticeSheet(size: size, look: look, pose: pose, random: posing, isTexture: isTexture)
        work(&sheet, nil)
        var exposure = PracticeExposure(sheet)
        var mask = [UInt8](repeating: 0, count: size.pixelCount), states: [String] = []
        if defective {
            var random = Random(seed: productSeed, purpose: .defect, index: sample)
            var fault = random.pick(faults)
            for attempt in 0..<24 where states.isEmpty {
                if attempt % 4 == 3 { fault = random.pick(faults) }
                let twin = flawed(sheet, fault, attempt, work, posing, &random)
                let flawed = PracticeExposure(twin)
                let change = exposure.change(to: flawed, isColour: colour)
                // Fewer changed pixels are no defect that anyone could find.
                guard change.count >= 10 else { continue }
                exposure.adopt(flawed, mask: change.mask)
                mask = change.mask
                states = [fault.state]
                sheet = twin
            }
            // Now and then a second one.
            let second = random.pick(faults)
            if random.chance(0.15), case .flaw = second.painting, second.state != fault.state {
                let flawed = PracticeExposure(flawed(sheet, second, 0, work, posing, &random))
                let change = exposure.change(to: flawed, isColour: colour)
                if change.count >= 10 {
                    exposure.adopt(flawed, mask: change.mask)
                    for index in 0..<mask.count { mask[index] |= change.mask[index] }
                    states.append(second.state)
                }
            }
        }
        let pixels = exposure.developed(isColour: colour, noise: look.noise, seed: pose.sensorSeed)
        return PracticeSample(size: size, pixels: pixels, isColour: colour, mask: mask, states: states)
    }

    /// `sheet` with `fault`, the stronger the more attempts were in vain.
    private func flawed(
        _ sheet: borrowing PracticeSheet, _ fault: PracticeFault, _ attempt: Int, _ work: PracticeWork,
        _ sampling: Random, _ random: inout Random
    ) -> PracticeSheet {
        switch fault.painting {
        case .own(let number):
            var twin = PracticeSheet(
                size: sheet.size, look: sheet.look, pose: sheet.pose, random: sampling, isTexture: isTexture)
            work(&twin, OwnFault(number: number, seed: random.seed()))
            return twin
        case .flaw(let form):
            var twin = sheet.copied()
            var flaw = PracticeFlaw(form, twin, &random)
            for _ in 0..<attempt { flaw.strength *= 1.3 }
            twin.draw(flaw)
            return twin
        case .line: return sheet.copied()
        }
    }
}
