import Foundation
import Tensors

/// A folder of numbered weight files that are made once: "features-00000.safetensors", ...
///
/// A file says in its metadata under "recipe" what it depends on; one of another recipe is made anew.
struct ShardFolder: Sendable {
    let folder: String
    /// What the names of the files begin with.
    let stem: String
    /// Everything that the contents depend on, in words.
    let recipe: String

    func path(_ number: Int) -> String {
        let digits = String(number)
        return "\(folder)/\(stem)-" + String(repeating: "0", count: max(0, 5 - digits.count))
            + "\(digits).safetensors"
    }

    /// Whether file `number` lies on disk as this recipe makes it.
    func has(_ number: Int) -> Bool {
        (try? WeightFile(path: path(number)))?.metadata["recipe"] == recipe
    }

    /// A file to be filled and written to `path`; `captions` are kept with it as JSON.
    func writer(captions: some Encodable) throws -> WeightFileWriter {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(captions), as: UTF8.self)
        return WeightFileWriter(metadata: ["recipe": recipe, "pictures": text])
    }

    /// The captions of a file that `writer` began. Throws if there are none of this form.
    static func captions<Caption: Decodable>(of file: WeightFile) throws -> [Caption] {
        try JSONDecoder().decode([Caption].self, from: Data((file.metadata["pictures"] ?? "").utf8))
    }
}
