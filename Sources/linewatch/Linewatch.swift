package import ArgumentParser
internal import Events
internal import Platform
internal import Sockets

/// The command line of Linewatch: every command an operator types on the box.
@main
package struct Linewatch: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "linewatch",
        abstract: "Finds anomalies in camera pictures of a production line.",
        version: ProductVersion.text,
        subcommands: [
            Arm.self, Bench.self, Camera.self, ClassGroup.self, Config.self, Conform.self, ConsumerGroup.self,
            Describe.self, Disarm.self, Doctor.self, Eval.self, EventsGroup.self, FineGroup.self, Halt.self,
            ImageGroup.self, MarkCommand.self, Metrics.self, Model.self, RecipeGroup.self, ReplayCommand.self,
            Reset.self, Resume.self, Status.self, TeachGroup.self, ThresholdGroup.self, TrainGroup.self,
            TriggerCommand.self, TypeGroup.self,
            VersionCommand.self,
        ]
    )

    package init() {}

    /// Runs the command that the arguments name and ends the process: 0 success, 1 failed, 2 wrong usage, and the
    /// other codes of `CommandFailure.Exit`.
    package static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch  where exitCode(for: error) == .validationFailure {
            // The parser's own code for this is 64.
            var standardError = StandardError()
            print(fullMessage(for: error), to: &standardError)
            exit(withError: ExitCode(2))
        } catch let failure as CommandFailure {
            end(failure)
        } catch let error as SocketError {
            end(CommandFailure(error))
        } catch {
            exit(withError: error)
        }
    }
}
