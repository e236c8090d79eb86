// THE MARK FILE (seq.mark)
//
// One line of ASCII: "LWM1 <log> <run> <seq> <job> <check>\n", with log as eight hexadecimal digits, run, seq
// and job in decimal without leading zeros, and check as sixteen hexadecimal digits: FNV-1a, 64 bits, of all
// bytes before it.
//
// The database is written first and the mark second, each durable before the next step, and a number is used
// only after both. So in every honest history the database is at least as new as the mark, wherever the power
// was cut; a database that is older has been put back from a copy, or the disk lied.

/// Which numbers a run of the daemon may use, as the second file beside the database repeats it.
package struct SequenceMark: Hashable, Sendable {
    /// Eight hexadecimal digits, lower case.
    package var log: String
    package var run: UInt32
    /// The highest log number that may be in use.
    package var seq: UInt64
    /// The highest job number that may be in use.
    package var job: UInt32

    package init(log: String, run: UInt32, seq: UInt64, job: UInt32) {
        (self.log, self.run, self.seq, self.job) = (log, run, seq, job)
    }

    /// Returns nil if `bytes` are not exactly what `encoded` gives for some mark.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count <= 128 else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[0] == "LWM1", Self.isIdentity(words[1]),
            let run = UInt32(words[2]), let seq = UInt64(words[3]), let job = UInt32(words[4]),
            Self.isPlausible(run: run, seq: seq, job: job)
        else { return nil }
        self.init(log: String(words[1]), run: run, seq: seq, job: job)
        guard encoded == bytes else { return nil }
    }

    /// The content of the file.
    package var encoded: [UInt8] {
        let text = "LWM1 \(log) \(run) \(seq) \(job) "
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return Array((text + String(repeating: "0", count: 16 - digits.count) + digits + "\n").utf8)
    }

    /// Whether a database with the mark `other` has been put back from a time before this mark was written.
    package func isNewer(than other: SequenceMark) -> Bool {
        guard run == other.run else { return run > other.run }
        return log != other.log || seq > other.seq || job > other.job
    }

    /// Whether numbers can go on after these: none is at the end of its type.
    static func isPlausible(run: UInt32, seq: UInt64, job: UInt32) -> Bool {
        run < .max && job < .max - 2_000_000 && seq < 1 << 53
    }

    static func isIdentity(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 8
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
