public import Events
import Platform
import Synchronization

/// What the server counted since its start, for metrics.
public struct ServerCounters: Hashable, Sendable {
    /// Connections that are open now; 0 where there is none.
    public internal(set) var clients: [SocketKind: Int] = [:]
    /// Connections that were ever accepted, those that were turned away included.
    public internal(set) var connections: [SocketKind: Int] = [:]
    /// Error lines by their number; numbers that never occurred are left out.
    public internal(set) var errors: [ErrorNumber: Int] = [:]
    /// Connections that the server ended, by the reason in its last line; reasons that never occurred are left out.
    public internal(set) var farewells: [FarewellReason: Int] = [:]
    /// Operations, names and connections that were refused for who asked.
    public internal(set) var rolesDenied = 0

    /// Lines that break the protocol, whoever sent them: errors 1 to 4 and 6 to 8.
    public var protocolErrors: Int {
        let numbers: [ErrorNumber] = [
            .badJSON, .lineTooLong, .unknownOperation, .badArgument, .protocolMismatch, .needHello,
            .anonymousClient,
        ]
        return numbers.reduce(0) { $0 + (errors[$1] ?? 0) }
    }

    /// Clients that did not introduce themselves in time.
    public var helloTimeouts: Int { farewells[.helloTimeout] ?? 0 }
}

/// The counters themselves: written on the event loop, read by whoever asks. Nobody waits for anybody.
final class ServerTally: Sendable {
    /// By how much beats of connections were late.
    let beatLateness = LatencyHistogram()
    private let clients = TallyRow(SocketKind.allCases)
    private let connections = TallyRow(SocketKind.allCases)
    private let errors = TallyRow(ErrorNumber.allCases)
    private let farewells = TallyRow(FarewellReason.allCases)
    private let denied = Tally()

    func accepted(_ kind: SocketKind) { connections.add(1, to: kind) }
    func opened(_ kind: SocketKind) { clients.add(1, to: kind) }
    func closed(_ kind: SocketKind) { clients.add(-1, to: kind) }
    func refused(_ number: ErrorNumber) { errors.add(1, to: number) }
    func ended(_ reason: FarewellReason) { farewells.add(1, to: reason) }
    func deniedRole() { denied.add(1) }

    /// The values of now. Lock-free; values of one snapshot may be of slightly different moments.
    var snapshot: ServerCounters {
        var counters = ServerCounters()
        counters.clients = clients.values.merging(SocketKind.allCases.map { ($0, 0) }) { seen, _ in seen }
        counters.connections = connections.values.merging(SocketKind.allCases.map { ($0, 0) }) { seen, _ in
            seen
        }
        counters.errors = errors.values
        counters.farewells = farewells.values
        counters.rolesDenied = denied.value
        return counters
    }
}

/// One counter.
private final class Tally: Sendable {
    private let count = Atomic<Int>(0)

    func add(_ change: Int) { count.wrappingAdd(change, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
}

/// A counter for each of a few keys, all known from the start.
private struct TallyRow<Key: Hashable & Sendable>: Sendable {
    private let tallies: [Key: Tally]

    init(_ keys: [Key]) { tallies = Dictionary(uniqueKeysWithValues: keys.map { ($0, Tally()) }) }

    func add(_ change: Int, to key: Key) { tallies[key]?.add(change) }

    /// Those that are not 0.
    var values: [Key: Int] { tallies.compactMapValues { $0.value == 0 ? nil : $0.value } }
}
