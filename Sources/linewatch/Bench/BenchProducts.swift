import ArgumentParser
import FoundationEssentials
import Kernels

/// `linewatch bench products`: the int8 matrix product on the shapes of vision transformers, beside the peak.
struct BenchProducts: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "products",
        abstract: "Measures the int8 matrix product on the shapes of vision transformers.",
        discussion: "One thread, the instruction set of --isa, LINEWATCH_ISA or the best one."
    )

    @Option(help: "The instruction set. (default: LINEWATCH_ISA, or the best)")
    var isa: String?

    @Flag(help: "Print one JSON document instead of a table.")
    var json = false

    private struct Row: Encodable {
        let isa: String
        let rows, depth, columns: Int
        let gmacs, peakGmacs, peakFraction: Double
    }

    func run() throws {
        let set = try InstructionSet.named(isa ?? Machine.this.environment["LINEWATCH_ISA"])
        let kernels = KernelTable(set)
        let rows = ProductSpeed.transformerShapes.map { shape in
            let speed = ProductSpeed(rows: shape.0, depth: shape.1, columns: shape.2, kernels: kernels)
            return Row(
                isa: set.name, rows: speed.rows, depth: speed.depth, columns: speed.columns,
                gmacs: speed.gmacs,
                peakGmacs: speed.peakGmacs, peakFraction: speed.gmacs / speed.peakGmacs)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.keyEncodingStrategy = .convertToSnakeCase
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(rows), as: UTF8.self))
            return
        }
        for row in rows {
            let share = (row.peakFraction * 1000).rounded() / 10
            print(
                "\(set)  \(row.rows) x \(row.depth) x \(row.columns):", Int(row.gmacs),
                "GMAC/s, \(share) % of the peak")
        }
    }
}
