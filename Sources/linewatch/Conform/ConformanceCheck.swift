/// One row of the protocol's table of conformance checks (LWP/1, 12).
package struct ConformanceCheck: Sendable {
    /// "C1" to "C60".
    package let name: String
    /// What must be so, in a few words.
    package let title: String
    let body: @Sendable (ConformanceTarget) throws -> Void

    init(_ name: String, _ title: String, _ body: @escaping @Sendable (ConformanceTarget) throws -> Void) {
        (self.name, self.title, self.body) = (name, title, body)
    }

    /// What came of it.
    package enum Outcome: Equatable, Sendable {
        case passed
        case failed(String)
        case skipped(String)
    }

    /// Runs it. Blocks for as long as its durations say.
    package func run(on target: ConformanceTarget) -> Outcome {
        do {
            try body(target)
            return .passed
        } catch let skipped as Skipped {
            return .skipped(skipped.reason)
        } catch {
            return .failed("\(error)")
        }
    }

    /// Every check that a socket alone decides, in the order of the table.
    package static let all: [ConformanceCheck] = greeting + requests + reading + timing
}

/// The server under test, and how it may be tested.
package struct ConformanceTarget: Sendable {
    /// Path of the PLC socket.
    package var socket: String
    /// The release figures instead of the short forms.
    package var isLong: Bool
    /// A camera that takes software triggers.
    package var camera: Int

    package init(socket: String, isLong: Bool = false, camera: Int = 1) {
        (self.socket, self.isLong, self.camera) = (socket, isLong, camera)
    }
}

/// The target cannot show this one.
struct Skipped: Error {
    var reason: String
}

/// The target broke a promise.
struct Violation: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

/// Throws a violation that says `message` unless `condition` holds.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    guard condition else { throw Violation(message()) }
}
