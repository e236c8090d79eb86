package import AnomalyModels
import Imaging
import Platform

/// Trains a head over many simulated products, step by step; a training that was killed goes on from its checkpoint.
package final class SharedHeadTraining: SteppedTraining {
    package let recipe: SharedHeadRecipe
    private let network: SegmentationNetwork
    private let products: [ProductPractice.Product]
    /// The sentences of the class of each product, for a head with a fusion block; else empty.
    private let columns: [ClassColumns]
    private let trainer: KeptTrainer
    /// Each so many patches count for the axes.
    private static let axisStep = 61

    /// How often a product is one without a name.
    private static let nameless = 0.25

    /// What a head with a fusion block reads: the sentences of an object without a name, and of the class of each product.
    package struct Reading {
        package let object: ClassColumns
        let products: [ClassColumns]

        package init(object: ClassColumns, products: [ClassColumns]) {
            (self.object, self.products) = (object, products)
        }
    }

    /// Goes on from the checkpoint at `path` if there is one of the same recipe. Throws what reading it throws.
    ///
    /// `width` numbers of an adapted patch are those of a head on the trunk of the products, where the recipe has none.
    ///
    /// - Precondition: there is a product, and a `reading` of each if the recipe has a fusion block.
    package init(
        _ recipe: SharedHeadRecipe, _ products: [ProductPractice.Product],
        width: Int = SegmentationHead.embedding, reading: Reading? = nil, threads: Int,
        checkpoint path: String
    ) throws {
        precondition(!products.isEmpty, "training on no product")
        precondition((recipe.text != nil) == (reading != nil), "sentences that do not fit the recipe")
        (self.recipe, self.products, columns) = (recipe, products, reading?.products ?? [])
        // Before anything is multiplied: they keep OpenBLAS to one thread, and so to one order of sums.
        let workers = try Workers(count: threads)
        network = SegmentationNetwork(
            bases: Self.bases(products, recipe.width ?? width), evidence: Self.evidence(products),
            seed: recipe.seed,
            parts: recipe.parts, columns: reading?.object, isShared: true)
        var settings = Adam<Float>.Settings()
        settings.decay = .l2(recipe.decay)
        let schedule = Schedule(
            peak: recipe.rate, warmUpSteps: max(recipe.steps / 33, 1), totalSteps: recipe.steps)
        trainer = try KeptTrainer(
            Trainer(
                tape: Tape(workers: workers), optimiser: Adam(network.parameters, settings),
                schedule: schedule),
            steps: recipe.steps, savingEvery: 100, at: path, of: "\(recipe.trained)")
    }

    package var steps: Int { recipe.steps }
    package var step: Int { trainer.step }

    /// Takes one step; every 100th, and the last, is kept on disk. nil when there is nothing left to do.
    package func takeStep() throws -> Trainer<Float>.Report? {
        guard !trainer.isDone else { return nil }
        var random = RandomNumbers(seed: recipe.seed, stream: "batch \(trainer.step)")
        let batch = (0..<recipe.batch).map { _ in
            let number = random.nextIndex(below: products.count), product = products[number]
            let sample = product.samples[random.nextIndex(below: product.samples.count)]
            let isNamed = !columns.isEmpty && random.nextUnit() >= Self.nameless
            return network.input(sample, product.level, isNamed ? columns[number] : nil)
        }
        return try trainer.takeStep { tape in network.loss(tape, batch) }
    }

    /// The head as it is now.
    package func head(trunk: PatchBank.Trunk) -> SharedHead {
        network.sharedHead(trunk: trunk, strength: recipe.strength)
    }

    /// The principal axes of an even choice of the patches of all products.
    private static func bases(
        _ products: [ProductPractice.Product], _ count: Int
    ) -> [PatchBasis] {
        SegmentationHead.adaptedTaps.indices.map { tap in
            let first = products[0].samples[0], patches = first.grids[tap].pixelCount
            let width = first.codes[tap].count / patches
            var chosen: [Int8] = [], next = 0
            for sample in products.flatMap(\.samples) {
                while next < patches {
                    chosen += sample.codes[tap][next * width..<(next + 1) * width]
                    next += axisStep
                }
                next -= patches
            }
            return PatchBasis(chosen, width: width, count: count)
        }
    }

    /// The spread of the evidence of the good pictures of all products.
    private static func evidence(_ products: [ProductPractice.Product]) -> [EvidenceSpread] {
        let good = products.flatMap(\.samples).filter { !$0.isDefective }
        return SegmentationHead.taps.indices.map { tap in
            EvidenceSpread(of: good.map { $0.scalars[tap] })
        }
    }
}
