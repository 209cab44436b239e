import Drift
import Events
import Foundation
import Workloads

/// What the actuator's thread works with: does what the docket says, keeps the book, answers commands. Confined to it.
final class Desk {
    private var docket: Docket
    private var book: Book
    private let keeper: BookKeeper
    private let kernel: any Restricting
    private let listener: ControlSocket.Listener
    private let errands: Errands
    private unowned let actuator: Actuator
    private let now: @Sendable () -> Moment
    private let warn: @Sendable (String) -> Void

    /// Where restricted instances may go, for names that lead to more addresses.
    private var reaches: [UInt64: (target: Target, reach: Reach)] = [:]
    /// What could not be undone, and was told of.
    private var stuck: Set<UInt64> = []
    private var isChanged = true
    /// What is decided while a command waits for its answer; nil: none does.
    private var told: [Decision]?
    /// What an earlier monitor left.
    private let left: Book?

    /// What stands still, or ends, is waited for no longer: others may be waiting to be restricted.
    private static let longest = Duration.milliseconds(200)
    /// Nanoseconds that what is on its way outside may still take at the end.
    private static let lastPatience: UInt64 = 500_000_000
    /// Nanoseconds between two writes of the book where nothing depends on it.
    private static let beat: UInt64 = 200_000_000
    private var written: UInt64 = 0

    init(
        _ configuration: Actuator.Configuration, _ kernel: any Restricting, _ listener: ControlSocket.Listener,
        left: Book?, actuator: Actuator
    ) {
        let guards = Guards(configuration.policy, own: configuration.ownCgroup) { access($0, F_OK) == 0 }
        docket = Docket(configuration.policy, guards: guards, seed: configuration.seed)
        book = left ?? Book()
        self.left = left
        keeper = BookKeeper(configuration.directory, warn: configuration.warn)
        self.kernel = kernel
        self.listener = listener
        self.actuator = actuator
        now = configuration.now
        warn = configuration.warn
        errands = Errands { [weak actuator] in actuator?.post(.finished($0, $1)) }
    }

    func work(awaiting wake: Int32) {
        recover()
        var isOver = false
        while !isOver {
            write()
            wait(wake)
            for message in actuator.takeMessages() {
                if case .stop = message { isOver = true }
                take(message)
            }
            listener.serve(answer)
            carryOut(docket.tick(now()))
        }
        end()
        write(isLast: true)
    }

    private func wait(_ wake: Int32) {
        let moment = now().boot
        var due = docket.due ?? .max
        if isChanged { due = min(due, written + Self.beat) }
        let milliseconds = due > moment ? min((due - moment) / 1_000_000 + 1, 60_000) : 0
        var files = [wake, listener.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&files, nfds_t(files.count), Int32(milliseconds))
        var bytes = (UInt64(0), UInt64(0))
        while read(wake, &bytes, MemoryLayout.size(ofValue: bytes)) > 0 {}
    }

    private func take(_ message: Actuator.Message) {
        switch message {
        case .order(let order): carryOut(docket.take(order, at: now()))
        case .ended(let home): carryOut(docket.ended(home, at: now()))
        case .heard(let home, let name, let address):
            guard let (target, reach) = reaches[home] else { return }
            do throws(ActionError) { try kernel.allow(target, name, at: address, in: reach) } catch {
                warn("\(target.workload.id) may not go where \(name) leads now: \(error)")
            }
        case .finished(let errand, let result): tell(errand, result)
        case .stop: break
        }
    }

    // MARK: Doing

    private func carryOut(_ actions: [Docket.Action]) {
        for action in actions {
            isChanged = true
            switch action {
            case .tell(let decision): tell(decision)
            case .send(let errand):
                if !errands.take(errand) {
                    tell(errand, .failure(ActionError("\(Errands.mostWaiting) wait to be sent already")))
                }
            case .restrict(let measure, let reach): restrict(measure, reach)
            case .freeze(let measure): freeze(measure)
            case .kill(let ticket, let scope): kill(ticket, scope)
            case .undo(let measure, let ending): undo(measure, ending)
            }
        }
    }

    private func restrict(_ measure: Docket.Measure, _ reach: Reach) {
        let target = measure.ticket.target
        do throws(ActionError) {
            let notes = try kernel.restrict(target, to: reach, until: measure.until)
            reaches[target.home] = (target, reach)
            var decision = Decision(.restricted, measure.ticket, .restrict, at: now().wall)
            decision.until = measure.untilWall
            decision.notes = notes
            tell(decision)
        } catch { failed(.restricted, measure, error) }
    }

    private func freeze(_ measure: Docket.Measure) {
        do throws(ActionError) {
            let hold = try self.hold(measure.ticket.target)
            let measure = docket.note(hold, of: measure)
            // On the disk before anything is frozen: whoever comes after a monitor that dies now knows what to thaw.
            book.note(docket)
            try keeper.keepForSure(book)
            let outcome: Freezer.Outcome
            do throws(ActionError) { outcome = try Freezer.freeze(hold, within: Self.longest) } catch {
                // Half of it is worse than nothing.
                _ = try? Freezer.thaw(hold)
                throw error
            }
            var decision = Decision(.frozen, measure.ticket, .freeze, at: now().wall)
            decision.until = measure.untilWall
            if outcome == .pending {
                decision.why = "some of its processes are within the kernel, and stop as they leave it"
            }
            tell(decision)
        } catch { failed(.frozen, measure, error) }
    }

    private func kill(_ ticket: Ticket, _ scope: Step.KillScope) {
        let target = ticket.target
        var decision = Decision(.killed, ticket, .kill, at: now().wall)
        do throws(ActionError) {
            let outcome =
                switch scope {
                case .process:
                    try Killer.kill(ProcessName(pid: target.pid, start: target.start), within: Self.longest)
                case .workload: try Killer.kill(try hold(target), within: Self.longest)
                }
            switch outcome {
            case .killed: decision.answer = scope == .process ? "process \(target.pid)" : "all of its processes"
            case .gone: decision.answer = "it had ended already"
            case .pending: decision.answer = "something keeps it yet"
            }
        } catch {
            decision.outcome = .failure
            decision.why = "\(error)"
        }
        tell(decision)
    }

    private func hold(_ target: Target) throws(ActionError) -> Hold {
        let hierarchy: Hierarchy
        do { hierarchy = try Hierarchy.current() } catch { throw ActionError("\(error)") }
        return try Hold(of: target.path, id: target.home, in: hierarchy)
    }

    private func failed(_ act: Decision.Act, _ measure: Docket.Measure, _ error: ActionError) {
        docket.failed(measure)
        var decision = Decision(act, measure.ticket, measure.step, at: now().wall, outcome: .failure)
        decision.why = "\(error)"
        tell(decision)
    }

    private func undo(_ measure: Docket.Measure, _ ending: Docket.Ending) {
        let ticket = measure.ticket
        var decision = Decision(measure.step == .freeze ? .thawed : .lifted, ticket, measure.step, at: now().wall)
        (decision.who, decision.why) = (ending.who, ending.why)
        do throws(ActionError) {
            if measure.step == .freeze {
                // False: its processes are gone, and with them what was to be undone.
                if let hold = measure.hold { try Freezer.thaw(hold) }
            } else {
                reaches[ticket.target.home] = nil
                decision.turnedAway = try kernel.lift(ticket.target)
            }
            stuck.remove(ticket.id)
            tell(decision)
        } catch {
            docket.stays(measure, at: now())
            guard stuck.insert(ticket.id).inserted else { return }
            decision.outcome = .failure
            decision.why = "\(error); it is tried again"
            tell(decision)
        }
    }

    private func tell(_ errand: Errand, _ result: Result<String, ActionError>) {
        let act: Decision.Act = errand.kind == .notify ? .notified : .revoked
        var decision = Decision(act, errand.ticket, errand.kind, at: now().wall)
        decision.outlet = errand.outlet.name
        switch result {
        case .success(let answer): decision.answer = answer
        case .failure(let error):
            decision.outcome = .failure
            decision.why = "\(error)"
        }
        tell(decision)
    }

    private func tell(_ decision: Decision) {
        isChanged = true
        book.note(decision)
        told?.append(decision)
        actuator.tell(decision)
    }

    // MARK: Asked by commands

    private func answer(_ request: ControlRequest) -> ControlReply {
        told = []
        defer { told = nil }
        let actions: [Docket.Action]
        switch request.verb {
        case .approve:
            let id = UInt64(request.name, radix: 16)
            guard let found = id.flatMap({ docket.approve($0, who: request.who, why: request.why, at: now()) }) else {
                return ControlReply(isDone: false, lines: ["no response \(request.name) waits for approval"])
            }
            actions = found
        case .lift:
            let why = request.why.isEmpty ? "lifted by hand" : request.why
            actions = docket.lift(request.name, Docket.Ending(why: why, who: request.who), at: now())
            if actions.isEmpty { return ControlReply(isDone: false, lines: ["nothing is in force of \(request.name)"]) }
        }
        carryOut(actions)
        write()
        let told = told ?? []
        return ControlReply(isDone: !told.contains { $0.outcome == .failure }, lines: told.map(\.reason))
    }

    // MARK: The first and the last

    private func recover() {
        guard let left else { return }
        for measure in left.measures where measure.ticket.mode == .enforce && measure.step != .kill {
            let why =
                measure.step == .freeze ? "the monitor that froze it died" : "it ended with the monitor, which died"
            guard measure.step == .freeze else {
                var decision = Decision(.lifted, measure.ticket, measure.step, at: now().wall)
                decision.why = why
                tell(decision)
                continue
            }
            undo(measure, Docket.Ending(why: why))
        }
        for ticket in left.tickets {
            var decision = Decision(.expired, ticket, at: now().wall)
            decision.why = "the monitor died before anybody approved it"
            tell(decision)
        }
    }

    private func end() {
        carryOut(docket.endAll(Docket.Ending(why: "the monitor ends"), at: now()))
        let deadline = now().boot + Self.lastPatience
        func settle(until time: UInt64) {
            while !errands.isIdle, now().boot < time { usleep(5_000) }
            for message in actuator.takeMessages() { take(message) }
        }
        settle(until: deadline)
        for errand in errands.stop() { tell(errand, .failure(ActionError("the monitor ended before it was sent"))) }
        settle(until: deadline + Self.lastPatience / 2)
    }

    // MARK: The book

    private func write(isLast: Bool = false) {
        let moment = now().boot
        guard isLast || isChanged && moment >= written + Self.beat else { return }
        written = moment
        isChanged = false
        book.note(docket)
        if isLast { keeper.finish(book) } else { keeper.keep(book) }
    }
}
