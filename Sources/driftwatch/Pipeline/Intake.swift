import Drift
import Events
import Evidence
import Probes
import Workloads

/// From the bytes of a record to an act of a workload.
extension Monitor {
    /// Takes one record. `beforeAct` is called where an act names an exec or a cgroup that is not known yet.
    func take(_ bytes: RawSpan, beforeAct: () -> Void) {
        let record: Record
        do {
            record = try decoder.decode(bytes)
        } catch {
            undecodable += 1
            if EventDecoder.isAct(bytes) {
                accounts[Self.cgroup(of: bytes)][Self.kind(of: bytes)].undecodable += 1
            }
            return
        }
        switch record {
        case .cgroup(let change):
            resolver.change(change)
            if change.action == .removed {
                lives.removed(change.id, at: clock.epoch(change.time))
                responder?.ended(home: change.id)
            }
        case .exit(let process, _, let status, _):
            processes.ended(process)
            lives.exited(process, status: status)
        case .answer(let answer):
            names.hear(answer, of: resolver.workload(of: answer.cgroup)?.id)
            heard(answer)
        case .behaviour(let event):
            accounts[event.actor.cgroup][event.kind].received += 1
            if event.kind == .open, !processes.knows(event.actor) || !resolver.knows(cgroup: event.actor.cgroup) {
                beforeAct()
            }
            if event.kind == .connect { drainAnswers() }
            processes.record(event)
            place(event)
        }
    }

    /// A record too short to tell its kind is put down to opens, which are by far the most.
    static func kind(of bytes: RawSpan) -> Kind { EventDecoder.kind(of: bytes) ?? .open }

    /// Whose account a record is of that nobody has decoded.
    static func cgroup(of bytes: RawSpan) -> UInt64 { EventDecoder.cgroup(of: bytes) ?? Accounts.nobody }

    private func place(_ event: Event) {
        let cgroup = event.actor.cgroup
        if held.waits(cgroup) {
            hold(event, for: cgroup)
            return
        }
        switch attribute(event) {
        case .known(let workload): admit(event, workload)
        case .waiting(let cgroup): hold(event, for: cgroup)
        }
    }

    /// Whose it is; what is learned thereby of cgroups, the kernel's quotas go by at once.
    private func attribute(_ event: Event) -> Attribution {
        defer {
            for (cgroup, owns) in resolver.takeOwnership() { try? probe.setOwner(cgroup, owns: owns) }
        }
        return resolver.attribute(event)
    }

    private func hold(_ event: Event, for cgroup: UInt64) {
        held.hold(event, for: cgroup)
        accounts[event.actor.cgroup][event.kind].held += 1
        if held.isFull { releaseAllHeld() }
    }

    /// Lets go what waited for identities that are known by now.
    func releaseHeld() {
        guard !held.isEmpty else { return }
        for cgroup in resolver.refresh(now: Clock.boot()) { release(cgroup) }
    }

    /// Lets go all that waits, with the best identity at hand.
    func releaseAllHeld() {
        for cgroup in resolver.settle() { release(cgroup) }
    }

    private func release(_ cgroup: UInt64) {
        for event in held.release(cgroup) {
            accounts[event.actor.cgroup][event.kind].held -= 1
            guard case .known(let workload) = attribute(event) else {
                preconditionFailure("a settled cgroup has an identity")
            }
            admit(event, workload)
        }
    }

    /// An act of a known workload: shown if it is asked for, judged if there is a judge.
    private func admit(_ event: Event, _ workload: Workload) {
        accounts[event.actor.cgroup][event.kind].judged += 1
        guard options.filter.admits(workload.id), options.kinds.contains(event.kind) else { return }
        var event = event
        let words = processes.words(around: &event)
        var observation = Observation(
            event: event, domain: domain(of: event, in: workload), workload: workload,
            origin: resolver.origin(of: event, in: workload),
            time: clock.epoch(event.time), words: words)
        if event.kind == .exec, options.shown != .none || observation.origin == .injected {
            observation.family = family(of: observation)
            if isProbe(observation) { observation.origin = .probe }
        }
        let home = resolver.home(of: workload, actingIn: event.actor.cgroup)
        let startSeen = home.map { !resolver.isPreExisting(home: $0.cgroup) } ?? false
        if let home {
            lives.acted(
                observation, home: home.cgroup, isOwn: home.isOwn,
                isPreExisting: !startSeen)
        }
        if let judge, let home { lives.began(home: home.cgroup) { judge.custody(of: observation) } }
        register(observation, home: home?.cgroup)
        printer.notice(observation) { resolver.tree.processes(in: event.actor.cgroup) }
        if options.shown != .none { printer.behaviour(observation) }
        guard let judge else { return }
        let verdict = judge.judge(observation, startSeen: startSeen)
        if let mark = verdict.mark {
            try? probe.markIncident(mark.incident, pid: mark.process.pid, start: mark.process.start)
        }
        if let alert = verdict.alert {
            home.map { lives.alerted(alert, home: $0.cgroup) }
            tell(alert)
        }
    }

    func tell(_ alert: Anomaly) {
        var alert = alert
        if let act = alert.observation, act.family == nil { alert.observation?.family = family(of: act) }
        judge?.remember(alert)
        registrar?.register.alerted(alert.workload)
        let line = printer.alert(alert)
        respond(to: alert, line: line)
    }
}
