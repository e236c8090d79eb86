import FoundationEssentials
import GRDB

/// A picture that the store keeps, as its row tells of it.
public struct ImageFile: Hashable, Sendable {
    /// The number that results name it by.
    public let id: Int64
    public let seq: UInt64
    public let kind: ImageStore.Kind
    public let format: ImageStore.Format
    /// Where it lies, from the root.
    public let path: String
    /// SHA-256 of the file, 32 bytes.
    public let digest: [UInt8]

    /// The bytes of the file. Blocks. Throws `storage` if it went since its row was read: pictures are deleted when
    /// they are old or room is short.
    public func bytes() throws(EventLogError) -> [UInt8] {
        try translating(path) { Array(try Data(contentsOf: URL(filePath: path))) }
    }
}

/// Rows of the table `image`.
enum ImageRow {
    static func id(seq: UInt64, kind: ImageStore.Kind, _ db: Database) throws -> Int64? {
        let statement = try db.cachedStatement(
            sql: "SELECT id FROM image WHERE seq = ? AND kind = ? ORDER BY id DESC LIMIT 1")
        return try Int64.fetchOne(statement, arguments: [Int64(clamping: seq), kind.rawValue])
    }

    /// The row that `condition` means, whose paths begin in `folder`.
    static func file(
        in folder: String, _ db: Database, _ condition: String, _ arguments: StatementArguments
    ) throws -> ImageFile? {
        let columns = "id, seq, kind, path, sha256"
        let row = try Row.fetchOne(
            db, sql: "SELECT \(columns) FROM image WHERE \(condition)", arguments: arguments)
        guard let row else { return nil }
        let path = row[3] as String? ?? ""
        guard let kind = ImageStore.Kind(rawValue: row[2] as Int? ?? 0),
            let format = ImageStore.Format.allCases.first(where: { path.hasSuffix(".\($0.rawValue)") }),
            path.hasPrefix("images/"), !path.contains("..")
        else {
            throw EventLogError.damaged(
                path: "events.db", message: "image \(row[0] as Int64? ?? 0) has no valid kind or path")
        }
        return ImageFile(
            id: row[0] as Int64? ?? 0, seq: UInt64(clamping: row[1] as Int64? ?? 0), kind: kind,
            format: format, path: folder + "/" + path, digest: Array(row[4] as Data? ?? Data()))
    }
}
