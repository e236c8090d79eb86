import FoundationEssentials

/// A file of this package's sources or tests, read as text.
struct SourceFile {
    /// Relative to the root of the package.
    let path: String
    let lines: [Substring]

    var isSwift: Bool { path.hasSuffix(".swift") }

    init(path: String, text: String) {
        self.path = path
        // A newline ends a line: the one that ends the file does not begin another.
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
    }

    /// The Swift and C files in `folder` of this package and below it, by path.
    static func all(under folder: String) -> [SourceFile] {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let paths = (try? FileManager.default.subpathsOfDirectory(atPath: root.path + "/" + folder)) ?? []
        return paths.sorted().compactMap { path in
            guard [".swift", ".c", ".h", ".inc"].contains(where: path.hasSuffix) else { return nil }
            guard
                let text = try? String(contentsOf: root.appending(path: folder + "/" + path), encoding: .utf8)
            else { return nil }
            return SourceFile(path: folder + "/" + path, text: text)
        }
    }

    /// The modules that the file imports.
    var imports: Set<String> {
        Set(lines.compactMap { $0.firstMatch(of: /^\s*(?:@\w+ |\w+ )?import (\w+)/)?.1 }.map(String.init))
    }

    /// The names of the types that the file declares, nested ones too.
    var declaredTypes: Set<String> {
        let declaration = /^[^"\/]*\b(?:struct|class|enum|actor|protocol|typealias) (\w+)/
        // An import may name a single type of another module: `import struct Events.Record`.
        let declaring = lines.filter { !$0.contains("import ") }
        return Set(declaring.compactMap { $0.firstMatch(of: declaration)?.1 }.map(String.init))
    }

    /// The numbers of the lines that contain `word`, from 1.
    func lineNumbers(containing word: String) -> [Int] {
        lines.indices.filter { lines[$0].contains(word) }.map { $0 + 1 }
    }
}
