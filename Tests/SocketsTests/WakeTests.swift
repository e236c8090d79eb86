import Events
import Foundation
import Sockets
import Testing

/// The publisher's side of the server.
struct WakeTests {
    @Test("a client that subscribes again with the same id gets each record of the new stream once")
    func sameID() async throws {
        try await Rig.run { rig in
            rig.log.append(String(repeating: "r", count: 200))
            let client = try rig.client(isAnonymous: true)
            for _ in 0..<50 { try client.send("{\"op\":\"sub\",\"id\":3,\"after\":0}\n") }
            var (subscribed, next): (Int, Int64) = (0, 1)
            while subscribed < 50 || next <= 200 {
                let line = try client.next()
                if line.kind == "ok" {
                    (subscribed, next) = (subscribed + 1, 1)
                } else {
                    #expect(line.seq == next)
                    next = line.seq + 1
                }
            }
        }
    }

    @Test(
        "sixteen clients, one that never reads and one that sends garbage, leave the publisher and the rest alone"
    )
    func crowd() async throws {
        try await Rig.run(.with { $0.slowTimeout = .seconds(60) }) { rig in
            let deaf = try rig.client("deaf", isAnonymous: true)
            _ = try deaf.answer("{\"op\":\"sub\",\"id\":3}")
            let loud = try rig.client("loud", isAnonymous: true)
            let readers = try (0..<14).map { index in
                let client = try rig.client("reader\(index)", isAnonymous: true)
                _ = try client.answer("{\"op\":\"sub\",\"id\":3}")
                return client
            }
            for _ in 0..<100 {
                rig.commit(String(repeating: "r", count: 20))
                try? loud.send(String(repeating: "{\"op\":\"ping\",\"id\":1}\n", count: 20))
            }
            for reader in readers {
                var next: Int64 = 1
                while next <= 2_000 {
                    #expect(try reader.next().seq == next)
                    next += 1
                }
            }
            // A record is read for a client only while its socket takes it.
            #expect(rig.log.reads < 14 * 2_000)
        }
    }

    private static let isMeasured = ProcessInfo.processInfo.environment["LINEWATCH_LONG"] == "1"

    @Test(
        "the time from commit to the client's line is printed",
        .enabled(if: isMeasured, "needs LINEWATCH_LONG=1"))
    func latency() async throws {
        try await Rig.run { rig in
            let client = try rig.client(isAnonymous: true)
            _ = try client.answer("{\"op\":\"sub\",\"id\":3}")
            var (toClient, toReturn): ([Duration], [Duration]) = ([], [])
            for _ in 0..<10_000 {
                rig.log.append("r")
                let start = ContinuousClock.now
                rig.server.committed(upTo: rig.log.span.last)
                toReturn.append(ContinuousClock.now - start)
                _ = try client.next()
                toClient.append(ContinuousClock.now - start)
            }
            for (name, times) in [("commit to client", toClient), ("committed(upTo:)", toReturn)] {
                let sorted = times.sorted()
                print("\(name): p50 \(sorted[5_000]), p99 \(sorted[9_900]), max \(sorted[9_999])")
            }
        }
    }
}
