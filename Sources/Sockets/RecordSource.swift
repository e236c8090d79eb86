public import Events

/// Where the server reads records from: the durable log, by cursor.
///
/// Declared here and joined to the storage elsewhere, so that neither knows the other.
public protocol RecordSource: Sendable {
    /// At most `limit` records with numbers above `after`, ascending, without holes: numbers without a record
    /// come as gaps. Blocks on the medium; never called from an event loop.
    func records(after: UInt64, limit: Int) throws -> [Record]
}
