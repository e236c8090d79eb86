import Events
import Sockets
import Testing

private struct Two: RecordSource {
    func records(after: UInt64, limit: Int) -> [Record] {
        (1...2).filter { $0 > after }.prefix(limit).map {
            Record(seq: $0, run: 1, body: .event(Event(.runStarted, severity: .info)))
        }
    }
}

@Test("a record source gives what lies behind a cursor")
func cursor() {
    #expect(Two().records(after: 1, limit: 8).map(\.seq) == [2])
}
