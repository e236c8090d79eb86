import Events
import Foundation
import Sockets
import Testing

/// C51 with the real daemon: `[plc] publish`.
@Suite("fast mode", .serialized)
struct FastModeTests {
    /// A control program that subscribes at the end of the log.
    private func subscriber(_ service: ServiceProcess, isFast: Bool) throws -> LineClient {
        let client = try LineClient(path: service.plc, patience: 60_000)
        try #require(try client.hello(name: "plc", profile: .plc, isAnonymous: true).kind == "ok")
        let answer = try client.ask(
            "sub", [JSONMember("after", .integer(-2)), JSONMember("fast", .integer(isFast ? 1 : 0))])
        try #require(answer.kind == "ok", "\(answer.text)")
        return client
    }

    /// The next `count` results, and the numbers that were confirmed by the end.
    private func results(_ count: Int, of client: LineClient) throws -> (
        lines: [ServerLine], confirmed: Int64
    ) {
        var lines: [ServerLine] = []
        var confirmed: Int64 = 0
        while true {
            let line = try client.nextLine(within: 20_000)
            if line.kind == "r", lines.count < count { lines.append(line) }
            if line.kind == "c" { confirmed = line.number("seq") ?? 0 }
            guard let last = lines.last?.number("seq"), lines.count == count else { continue }
            if lines.allSatisfy({ ($0.number("fl") ?? 0) & 32 == 0 }) || confirmed >= last {
                return (lines, confirmed)
            }
        }
    }

    @Test(
        "publish = fast shows results before their commit to whom asks for it, and the log keeps the same ones"
    )
    func fast() throws {
        let service = try ServiceProcess(LinePlan(tables: "[plc]\npublish = \"fast\""), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let durable = try subscriber(service, isFast: false), fast = try subscriber(service, isFast: true)
        let (early, confirmed) = try results(20, of: fast)
        #expect(early.contains { ($0.number("fl") ?? 0) & 32 != 0 })
        #expect(confirmed > 0)
        let kept = try results(20, of: durable).lines
        #expect(kept.allSatisfy { ($0.number("fl") ?? 0) & 32 == 0 })
        let log = try service.client().records(after: (early[0].number("seq") ?? 1) - 1)
        for line in early {
            let same = try #require(log.first { $0.number("seq") == line.number("seq") })
            for key in ["job", "v", "rs", "sc", "cl", "us"] {
                #expect(same.number(key) == line.number(key), "\(key) of \(line.text) and \(same.text)")
            }
        }
    }

    @Test("without it nobody gets a result before its commit")
    func durable() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        try service.start()
        try service.reach(state: 5)
        let (lines, confirmed) = try results(10, of: try subscriber(service, isFast: true))
        #expect(lines.allSatisfy { ($0.number("fl") ?? 0) & 32 == 0 } && confirmed == 0)
    }
}
