// MANIFEST.csv
//
//   path,dataset,split,label,defect_type,mask_path,width,height,sha256,group
//
// One line per image, comma-separated; the first line names the columns, in any order. Fields may be in
// double quotes, a quote inside doubled. `path`, `dataset`, `split` and `label` must be there; other columns
// count as empty where they are missing.
//
// A manifest is valid if and only if every line has as many fields as the first, `path` and `mask_path` are
// relative without '..', `split` is one of train, val, reference, test, and `label` is good or defective.

/// The images of some data sets, as their manifest lists them.
public struct DataSetManifest: Sendable, Hashable {
    /// What an image may be used for.
    public enum Split: String, Sendable, Hashable {
        case train, val, reference, test
    }

    /// One image.
    public struct Row: Sendable, Hashable {
        /// Relative to the folder of the manifest.
        public var path: String
        public var dataSet: String
        public var split: Split
        public var isDefective: Bool
        /// "good" or empty for good images.
        public var defectType: String
        /// Relative like `path`; nil if no mask exists.
        public var maskPath: String?
        /// Of the image file, in hexadecimal; empty if it is not known.
        public var sha256: String
        /// Images of one group show the same part; empty for none.
        public var group: String
    }

    /// In the order of the file.
    public let rows: [Row]

    /// The names of the sets, in the order of their first rows.
    public var dataSets: [String] {
        var seen: Set<String> = []
        return rows.map(\.dataSet).filter { seen.insert($0).inserted }
    }

    /// A manifest of `rows`.
    public init(rows: [Row]) { self.rows = rows }

    /// Reads the bytes of a manifest. `path` is for the message of an error, which names the first bad line.
    public init(csv bytes: [UInt8], path: String) throws(EvaluationError) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .manifest(path: path, line: 1, reason: "it is not UTF-8")
        }
        var columns: [String: Int] = [:]
        var rows: [Row] = []
        var fieldCount = 0
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let fail = { (reason: String) in
                EvaluationError.manifest(path: path, line: index + 1, reason: reason)
            }
            if line.isEmpty, index > 0 { continue }
            guard let fields = Self.fields(of: line) else { throw fail("a quote is not closed") }
            guard index > 0 else {
                columns = Dictionary(fields.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
                fieldCount = fields.count
                if let missing = ["path", "dataset", "split", "label"].first(where: { columns[$0] == nil }) {
                    throw fail("the column '\(missing)' is missing")
                }
                continue
            }
            guard fields.count == fieldCount else {
                throw fail("it has \(fields.count) fields, the first line has \(fieldCount)")
            }
            rows.append(try Self.row(fields, columns, fail))
        }
        self.rows = rows
    }

    private static func row(
        _ fields: [String], _ columns: [String: Int], _ fail: (String) -> EvaluationError
    ) throws(EvaluationError) -> Row {
        func field(_ name: String) -> String { columns[name].map { fields[$0] } ?? "" }
        guard let split = Split(rawValue: field("split")) else {
            throw fail("the split '\(field("split"))' is none of train, val, reference, test")
        }
        guard ["good", "defective"].contains(field("label")) else {
            throw fail("the label '\(field("label"))' is neither good nor defective")
        }
        for name in ["path", "mask_path"] where !isInside(field(name), mayBeEmpty: name == "mask_path") {
            throw fail("'\(field(name))' is not a path inside the folder")
        }
        return Row(
            path: field("path"), dataSet: field("dataset"), split: split,
            isDefective: field("label") == "defective", defectType: field("defect_type"),
            maskPath: field("mask_path").isEmpty ? nil : field("mask_path"), sha256: field("sha256"),
            group: field("group"))
    }

    private static func isInside(_ path: String, mayBeEmpty: Bool) -> Bool {
        guard !path.isEmpty else { return mayBeEmpty }
        return !path.hasPrefix("/") && !path.utf8.contains(0)
            && !path.split(separator: "/").contains { $0 == ".." }
    }

    /// The fields of one line; nil if a quote is not closed.
    private static func fields(of line: Substring) -> [String]? {
        var fields = [""]
        var isQuoted = false, wasQuote = false
        for character in line {
            if character == "\"" {
                // Two quotes inside quotes are one.
                if !isQuoted, wasQuote { fields[fields.count - 1].append("\"") }
                isQuoted.toggle()
                wasQuote = !isQuoted
                continue
            }
            wasQuote = false
            if character == ",", !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return isQuoted ? nil : fields
    }
}
