import FoundationEssentials

/// The files and the environment in which Linux describes a machine to a process.
package struct Machine: Sendable {
    /// The folder that stands for `/`; a test gives one of its own.
    package let root: String
    package let environment: [String: String]

    package init(root: String, environment: [String: String]) {
        self.root = root
        self.environment = environment
    }

    /// The machine this process runs on.
    package static var this: Machine {
        Machine(root: "/", environment: ProcessInfo.processInfo.environment)
    }

    /// The text of the file at `path`, which is relative to the root, without the white space around it.
    ///
    /// Returns nil if the file is missing, unreadable or not UTF-8.
    package func text(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else { return nil }
        return text.trimmed
    }

    /// The value of the first line of the file at `path` that reads `key: value`, or nil if there is none.
    package func value(of key: String, in path: String) -> String? {
        for line in text(path)?.split(separator: "\n") ?? [] {
            guard let colon = line.firstIndex(of: ":") else { continue }
            guard String(line[..<colon]).trimmed == key else { continue }
            return String(line[line.index(after: colon)...]).trimmed
        }
        return nil
    }

    /// Where `path`, which begins with a slash, lies below the root.
    package func path(_ path: String) -> String { root == "/" ? path : root + path }

    /// Whether there is anything at `path`, which begins with a slash.
    package func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: self.path(path)) }

    /// Whether there is a folder at `path`, which begins with a slash.
    package func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: self.path(path), isDirectory: &isFolder) && isFolder
    }

    /// The names in the folder at `path`, sorted; empty if it cannot be read.
    package func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root + "/" + path)) ?? []).sorted()
    }
}

extension String {
    /// The text without the white space before and after it.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
