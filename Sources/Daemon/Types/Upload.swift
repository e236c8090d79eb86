import Events
import FoundationEssentials
import ModelPackages
import Sockets

/// A file that comes in pieces over a line of limited length, one behind the other.
struct Upload {
    private let size: Int
    private let digest: String
    private var bytes: [UInt8] = []

    /// - Parameter limit: the largest file that is taken.
    init(_ first: AdminRequest.Piece, limit: Int) throws(Refusal) {
        guard first.size <= limit else {
            throw Refusal(.badArgument, key: "size", message: "At most \(limit) bytes are taken.")
        }
        (size, digest) = (Int(first.size), first.sha256)
    }

    /// The position of the next piece.
    var next: Int { bytes.count }

    /// Takes the next piece. Returns the file when it is whole, its hash checked; nil before.
    mutating func add(_ piece: AdminRequest.Piece) throws(Refusal) -> [UInt8]? {
        guard piece.size == size, piece.sha256 == digest else {
            throw Refusal(
                .badArgument, key: "sha256", message: "This is a piece of another file. Begin at 0.")
        }
        guard piece.offset == bytes.count else {
            throw Refusal(.badArgument, key: "off", message: "The next piece begins at \(bytes.count).")
        }
        guard let data = Data(base64Encoded: piece.base64), !data.isEmpty, bytes.count + data.count <= size
        else {
            throw Refusal(
                .badArgument, key: "b64",
                message: "The piece is no base64, empty, or goes beyond the end of the file.")
        }
        bytes += data
        guard bytes.count == size else { return nil }
        guard PackageDigest(of: bytes).description == digest else {
            throw Refusal(.badArgument, key: "sha256", message: "The file has another hash. Send it again.")
        }
        return bytes
    }
}
