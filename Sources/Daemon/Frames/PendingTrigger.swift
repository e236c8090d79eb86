package import Events

/// A trigger that has no result yet: what is known of it before anything was judged. Of fixed size.
package struct PendingTrigger: BitwiseCopyable, Sendable {
    package var job: UInt32 = 0
    package var camera: UInt8 = 0
    package var partNumber: UInt32 = 0
    /// UTF-8, `partLength` bytes of it.
    package var part = InlineArray<48, UInt8>(repeating: 0)
    package var partLength: UInt8 = 0
    /// Monotonic nanoseconds: the trigger, or the end of exposure where the frame itself is the trigger.
    package var triggered = 0
    /// Monotonic nanoseconds: when the verdict has to be out.
    package var deadline = Int.max
    /// Of the exposure, once the frame is there; of the trigger until then. Monotonic nanoseconds.
    package var exposed: Int64 = 0
    /// The same in UTC milliseconds.
    package var timeMilliseconds: Int64 = 0
    package var driverSequence: UInt32 = 0
    package var encoder: Int32 = 0
    package var flags: RecordFlags = []
    package var recipe: UInt16 = 0

    package init() {}

    /// Sets the part's name, cut to 48 bytes between characters.
    package mutating func setPart(_ text: String) {
        partLength = 0
        for character in text.unicodeScalars {
            let bytes = UTF8.encode(character)
            guard let bytes, Int(partLength) + bytes.count <= Outcome.partCapacity else { break }
            for byte in bytes {
                part[Int(partLength)] = byte
                partLength += 1
            }
        }
    }

    /// The result with nothing judged: INVALID for `reason`, `now` in monotonic nanoseconds.
    package func outcome(_ reason: Reason, now: Int) -> Outcome {
        var outcome = Outcome()
        outcome.job = job
        outcome.partNumber = partNumber
        (outcome.part, outcome.partLength) = (part, partLength)
        outcome.camera = camera
        (outcome.verdict, outcome.reason) = (reason.verdict, reason)
        outcome.flags = flags
        outcome.encoder = encoder
        outcome.driverSequence = driverSequence
        outcome.timeMilliseconds = timeMilliseconds
        outcome.monotonicNanoseconds = exposed
        outcome.recipe = recipe
        outcome.latencyMicroseconds = UInt32(clamping: (now - triggered) / 1_000)
        return outcome
    }
}
