package import ArgumentParser
import Imaging
import Platform
import SimulatedLine
import Training

/// `linewatch train synthesis`: a contact sheet of synthetic anomalies, or how long they take.
package struct TrainSynthesis: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "synthesis",
        abstract: "Shows the synthetic anomalies that models are trained with.",
        discussion: """
            Writes one picture: a row for each recipe, each anomaly plain and with its mask outlined. The good pictures \
            are those of the folder --images, or parts of the simulated line.
            With --measure, prints instead how long anomalies of the default mix take and how often they are redrawn.
            The same pictures and options give the same bytes on every machine.
            """
    )

    @Option(
        name: [.customLong("sheet"), .customShort("o")], help: "Write the sheet to this .png or .jpg file.")
    var sheet: String?

    @Option(help: "A folder with good pictures, JPEG or PNG. Default: the simulated line.")
    var images: String?

    @Option(help: "Pictures on the sheet (1...12).")
    var pictures = 4

    @Option(help: "Recipes with commas between, as in perlin,scratch. Default: all.")
    var recipes: String?

    @Option(help: "Width and height that the pictures are scaled to (16...2048).")
    var size = 256

    @Option(help: "Another seed gives other anomalies.")
    var seed: UInt64 = 1

    @Option(help: "Make so many anomalies of the mix and print their times (1...1000000).")
    var measure: Int?

    package init() {}

    package func validate() throws {
        guard (sheet == nil) != (measure == nil) else {
            throw ValidationError("Name either a file with --sheet or a number with --measure.")
        }
        guard 1...12 ~= pictures else { throw ValidationError("--pictures is 1 to 12, not \(pictures).") }
        guard 16...2048 ~= size else { throw ValidationError("--size is 16 to 2048, not \(size).") }
        guard 1...1_000_000 ~= measure ?? 1 else {
            throw ValidationError("--measure is 1 to 1000000, not \(measure ?? 0).")
        }
        if let sheet, ![".png", ".jpg", ".jpeg"].contains(where: sheet.hasSuffix) {
            throw ValidationError("'\(sheet)' is no name of a picture. Let it end in .png or .jpg.")
        }
        _ = try chosenRecipes()
    }

    package func run() throws {
        let stock =
            try images.map { try Stock(folder: $0, size, count: pictures) }
            ?? Stock(simulated: size, pictures)
        if let sheet {
            let image = try SynthesisSheet.drawn(
                of: chosenRecipes(), in: stock.pictures, seed: seed, sources: stock.sources)
            let file = try sheet.hasSuffix(".png") ? image.encodedAsPNG() : image.encodedAsJPEG(quality: 80)
            try writeAtomically(sheet, file)
        } else if let measure {
            print(try times(stock, measure))
        }
    }

    private func chosenRecipes() throws -> [SynthesisRecipe] {
        guard let recipes else { return SynthesisRecipe.allCases }
        return try recipes.split(separator: ",").map { name in
            guard let recipe = SynthesisRecipe(rawValue: String(name)) else {
                let names = SynthesisRecipe.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("'\(name)' is no recipe. Choose some of: \(names).")
            }
            return recipe
        }
    }

    /// A table of the times of `count` anomalies.
    private func times(_ stock: Stock, _ count: Int) throws -> String {
        let chosen = try chosenRecipes()
        let mix =
            recipes == nil
            ? SynthesisMix.standard : SynthesisMix(.init(uniqueKeysWithValues: chosen.map { ($0, 1) }))
        let benches = stock.pictures.indices.map { index in
            (
                Synthesizer(mix: mix, sources: stock.sources(index)),
                PixelMask.foreground(of: stock.pictures[index])
            )
        }
        var spent: [SynthesisRecipe: (time: Int, draws: Int, count: Int)] = [:]
        var total = 0, made = 0
        for index in 0..<count {
            let place = index % stock.pictures.count, (synthesizer, foreground) = benches[place]
            let start = MonotonicClock.now
            let anomaly = synthesizer.anomaly(
                in: stock.pictures[place], foreground: foreground, seed: seed, index: UInt64(index))
            let time = MonotonicClock.now - start
            total += time
            guard let anomaly else { continue }
            made += 1
            let old = spent[anomaly.recipe] ?? (0, 0, 0)
            spent[anomaly.recipe] = (old.time + time, old.draws + anomaly.drawCount, old.count + 1)
        }
        var rows = [["recipe", "made", "mean ms", "draws"]]
        for recipe in chosen {
            guard let one = spent[recipe] else { continue }
            let mean = Double(one.time) / Double(one.count) / 1e6
            rows.append([
                recipe.rawValue, "\(one.count)", decimals(mean, 2),
                decimals(Double(one.draws) / Double(one.count), 2),
            ])
        }
        rows.append(["all", "\(made)", decimals(Double(total) / Double(count) / 1e6, 2), ""])
        return table(rows)
    }
}

/// The good pictures of a sheet, and what each may take from.
private struct Stock {
    let pictures: [Picture]
    /// Whether all pictures show one product.
    private let isOneProduct: Bool

    /// The first `count` images of `folder`, scaled to `side`.
    init(folder: String, _ side: Int, count: Int) throws {
        pictures = try ImageFolder.images(in: folder).prefix(count).map { path in
            Picture(try RGBImage(contentsOf: path)).resized(to: Size(width: side, height: side))
        }
        isOneProduct = true
    }

    /// Good parts of the surfaces of the simulated line, in turn.
    init(simulated side: Int, _ count: Int) throws {
        pictures = try (0..<count).map { index in
            let surface = Surface.allCases[index % Surface.allCases.count]
            let frame = Size(width: 2 * max(side, 128), height: 2 * max(side, 128))
            var line = try ProductionLine(
                LineSettings(surface: surface, form: .parts, seed: 1, size: frame, defectsPerMillion: 0))
            let part = line.part(index, defect: .none)
            return Picture(part.colour).resized(to: Size(width: side, height: side))
        }
        isOneProduct = false
    }

    func sources(_ index: Int) -> SynthesisSources {
        var sources = SynthesisSources()
        let others = pictures.indices.filter { $0 != index }.map { pictures[$0] }
        if isOneProduct { sources.normals = others } else { sources.otherProducts = others }
        return sources
    }
}
