import AnomalyModels
import Tensors
import Testing

struct PositionalEmbeddingTests {
    @Test(
        "the resize is that of an independent implementation, larger, smaller and unequal",
        arguments: [
            (4, 4), (7, 5), (2, 3), (1, 9), (16, 16),
        ])
    func golden(rows: Int, columns: Int) throws {
        let golden = try WeightFile(path: TestFiles.golden("positions.safetensors"))
        let resized = PositionalEmbedding.resized(
            try golden.floats("source"), width: 6, from: (4, 4), to: (rows, columns))
        expectClose(resized, try golden.floats("to\(rows)x\(columns)"), 1e-6)
    }

    @Test("the same size gives the same positions")
    func identity() throws {
        let source = try WeightFile(path: TestFiles.golden("positions.safetensors")).floats("source")
        #expect(PositionalEmbedding.resized(source, width: 6, from: (4, 4), to: (4, 4)) == source)
    }
}
