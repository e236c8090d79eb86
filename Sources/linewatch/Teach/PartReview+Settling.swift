internal import Glibc
package import Inspection
internal import Platform

extension PartReview {
    /// Who decides on a part that something speaks against.
    package enum Decision {
        /// Every part is taken, but one that is there twice.
        case force
        /// The person at the terminal is asked for each.
        case ask
        /// None is taken.
        case refuse

        /// What the options say, and what this process can ask.
        init(force: Bool, json: Bool) {
            let isTerminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1
            self = force ? .force : isTerminal && !json ? .ask : .refuse
        }
    }

    /// Returns once all parts are to be learned. Throws `CommandFailure` with what speaks against one that is not.
    package func settle(
        by decision: Decision, answer: () -> String? = { readLine() }
    ) throws(CommandFailure) {
        if let last = objections.first(where: \.isFinal) {
            throw CommandFailure("\(last) Nothing was learned.")
        }
        guard !objections.isEmpty, decision != .force else { return }
        guard decision == .ask else {
            let all = objections.map(\.description).joined(separator: " ")
            throw CommandFailure("\(all) Nothing was learned. If it is good all the same, say --force.")
        }
        var standardError = StandardError()
        for objection in objections {
            print("\(objection) Learn it all the same? [y/N] ", terminator: "", to: &standardError)
            guard ["y", "yes"].contains(answer()?.lowercased()) else {
                throw CommandFailure("Nothing was learned. Teach again with other parts.")
            }
        }
    }
}
