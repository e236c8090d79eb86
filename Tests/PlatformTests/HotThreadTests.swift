import Glibc
import Platform
import Testing

struct HotThreadTests {
    @Test("a hot thread carries its name and stays on the processor it was given")
    func nameAndProcessor() throws {
        let allowed = try #require(Self.allowedProcessor)
        let texts = Ring<String>(capacity: 1)
        let thread = try HotThread(name: "capture top", cpus: [allowed], state: texts) { texts, _ in
            _ = texts.push(Self.statusOfThread)
        }
        thread.join()
        let status = try #require(texts.pop())
        #expect(status.contains("Name:\tcapture top\n"))
        #expect(status.contains("Cpus_allowed_list:\t\(allowed)\n"))
    }

    @Test("letting a thread go asks it to stop and waits for it")
    func stops() throws {
        let turns = Ring<Int>(capacity: 1)
        do {
            let thread = try HotThread(name: "loop", state: 0) { count, stop in
                while !stop.isUp { count += 1 }
                _ = turns.push(count)
            }
            let name = thread.name
            #expect(name == "loop")
        }
        #expect(turns.pop() != nil)
    }

    @Test("a sleeping reader is woken for every element, whenever it is pushed")
    func noLostWakeUp() throws {
        let total = 20_000
        let ring = Ring<Int>(capacity: 4)
        let wakeUp = try EventCounter()
        let sums = Ring<Int>(capacity: 1)
        let reader = try HotThread(name: "reader", state: ring) { ring, _ in
            var sum = 0, count = 0
            while count < total {
                guard let number = ring.pop() else {
                    // Without limit: a wake-up that got lost would hang the test.
                    wakeUp.wait(timeoutMilliseconds: -1, unless: { ring.count > 0 })
                    continue
                }
                sum += number
                count += 1
            }
            _ = sums.push(sum)
        }
        for number in 0..<total {
            while let back = ring.push(number) {
                precondition(back == number)
                sched_yield()
            }
            wakeUp.signal()
        }
        reader.join()
        #expect(sums.pop() == total * (total - 1) / 2)
    }

    /// What the kernel says of the calling thread: lines of name, colon, tab, value.
    private static var statusOfThread: String {
        guard let file = unsafe fopen("/proc/thread-self/status", "r") else { return "" }
        defer { unsafe fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = unsafe fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    /// The first processor that this process may use.
    private static var allowedProcessor: Int32? {
        let line = statusOfThread.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:\t") }
        return line.flatMap { Int32($0.dropFirst(19).prefix { $0.isNumber }) }
    }
}
