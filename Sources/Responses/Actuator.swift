import CLinux
import Drift
import Events
import Foundation
import Synchronization

/// Carries out responses on a thread of its own: the pipeline hands over orders and gets back what became of them.
package final class Actuator: Sendable {
    package struct Configuration: Sendable {
        package var policy: ResponsePolicy
        /// The state directory.
        package var directory: String
        /// The monitor's own cgroup, from the hierarchy's root.
        package var ownCgroup: String
        package var seed: UInt64
        package var now: @Sendable () -> Moment
        /// Called on any thread when there are decisions to be told.
        package var wake: @Sendable () -> Void
        package var warn: @Sendable (String) -> Void

        package init(
            policy: ResponsePolicy, directory: String, ownCgroup: String, seed: UInt64,
            now: @escaping @Sendable () -> Moment,
            wake: @escaping @Sendable () -> Void, warn: @escaping @Sendable (String) -> Void
        ) {
            self.policy = policy
            self.directory = directory
            self.ownCgroup = ownCgroup
            self.seed = seed
            self.now = now
            self.wake = wake
            self.warn = warn
        }
    }

    enum Message: Sendable {
        case order(Order)
        case ended(home: UInt64)
        case heard(home: UInt64, name: String, address: IPAddress)
        case finished(Errand, Result<String, ActionError>)
        case stop
    }

    private struct Mail {
        var messages: [Message] = []
        /// Orders that found no room since that was said.
        var turnedAway = 0
        var decisions: [Decision] = []
    }

    /// Orders that may wait: alerts come one by one, so this many is a flood.
    private static let mostOrders = 1024

    private let mail = Mutex(Mail())
    private let wakeEnds: (read: Int32, write: Int32)
    private let over = DispatchSemaphore(value: 0)
    private let wakePipeline: @Sendable () -> Void
    private let warn: @Sendable (String) -> Void

    /// `left`: what an earlier monitor left in force, undone first.
    package init(_ configuration: Configuration, kernel: any Restricting, left: Book?) throws(ActionError) {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else {
            throw ActionError("cannot make a pipe: \(String(cString: strerror(errno)).lowercased())")
        }
        wakeEnds = (ends[0], ends[1])
        wakePipeline = configuration.wake
        warn = configuration.warn
        let listener = try ControlSocket.Listener(in: configuration.directory)
        nonisolated(unsafe) let desk = Desk(configuration, kernel, listener, left: left, actuator: self)
        let thread = Thread { [self] in
            desk.work(awaiting: wakeEnds.read)
            over.signal()
        }
        thread.name = "actuator"
        thread.start()
    }

    deinit {
        close(wakeEnds.read)
        close(wakeEnds.write)
    }

    /// Hands over; never waits.
    package func take(_ order: Order) {
        let isTaken = mail.withLock { mail in
            guard mail.messages.count < Self.mostOrders else {
                mail.turnedAway += 1
                return mail.turnedAway > 1
            }
            mail.messages.append(.order(order))
            return true
        }
        if !isTaken { warn("more alerts call for a response than can be dealt with: some are left without") }
        wake()
    }

    /// An instance is over.
    package func ended(home: UInt64) { post(.ended(home: home)) }

    /// A restricted instance asked for a name and was told an address.
    package func heard(home: UInt64, name: String, address: IPAddress) {
        let isTaken = mail.withLock { mail in
            // A flood of names is the workload's own loss: it asks again.
            guard mail.messages.count < Self.mostOrders else { return false }
            mail.messages.append(.heard(home: home, name: name, address: address))
            return true
        }
        if isTaken { wake() }
    }

    /// What became of orders since the last call, in order.
    package func takeDecisions() -> [Decision] {
        mail.withLock { mail in
            defer { mail.decisions = [] }
            return mail.decisions
        }
    }

    /// Undoes all that is in force; waits for a part of the five seconds that an end may take.
    package func stop() {
        post(.stop)
        if over.wait(timeout: .now() + .milliseconds(1500)) == .timedOut {
            warn("what is in force could not be undone before the end; the next start does it")
        }
    }

    // MARK: On its own thread

    func post(_ message: Message) {
        mail.withLock { $0.messages.append(message) }
        wake()
    }

    func takeMessages() -> [Message] {
        let (messages, turnedAway) = mail.withLock { mail in
            defer { (mail.messages, mail.turnedAway) = ([], 0) }
            return (mail.messages, mail.turnedAway)
        }
        if turnedAway > 1 { warn("\(turnedAway) alerts were left without a response") }
        return messages
    }

    func tell(_ decision: Decision) {
        mail.withLock { $0.decisions.append(decision) }
        wakePipeline()
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeEnds.write, &byte, 1)
    }
}
