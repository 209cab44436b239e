import Events

/// What was found out about an exec when it happened.
struct NotedExec {
    var time: UInt64
    var home: Instance
    var origin: Origin
}

extension Resolver {
    /// How the program of an exec event came into the workload that the event was attributed to; asked after
    /// `attribute`, any number of times.
    ///
    /// Of the host all is `host`. Elsewhere a program whose parent is inside is a `child`. One whose parent is outside is
    /// `entrypoint` if the container has run nothing yet, else `injected`; units, users and cgroups have no wall to
    /// break, so there every program started from outside is an `entrypoint`.
    package func origin(of event: Event, in workload: Workload) -> Origin {
        if workload.kind == .host { return .host }
        if let noted = execs[event.actor.process], noted.time == event.time { return noted.origin }
        // Not the last exec of the process any more, or not an exec: what is known now has to do.
        guard let owner = owners[event.actor.cgroup] else { return workload.isContainer ? .injected : .entrypoint }
        return origin(event.actor, in: owner.isContainer ? owner : entered(event.actor) ?? owner)
    }

    /// Topmost cgroup of the instance that somebody acts in, be it by cgroup or by mount namespace.
    package func home(of actor: Actor, in workload: Workload) -> UInt64? {
        if let noted = execs[actor.process], noted.home.workload == workload { return noted.home.cgroup }
        if let owner = owners[actor.cgroup], owner.workload == workload { return owner.cgroup }
        return entered(actor)?.cgroup
    }

    /// Whether a process is of the instance with this topmost cgroup.
    package func isInside(_ home: UInt64, cgroup: UInt64, exec: ExecID) -> Bool {
        if exec != 0, let executed = homes[exec] { return executed.cgroup == home }
        return owners[cgroup]?.cgroup == home
    }

    /// Whether a process is known to have come into its container from outside.
    package func wasInjected(_ process: ProcessName) -> Bool { execs[process]?.origin == .injected }

    package func userName(_ uid: UInt32) -> String? { users.name(uid) }

    private func origin(_ actor: Actor, in instance: Instance) -> Origin {
        if wasInside(actor, instance) || parentIsInside(actor, instance) { return .child }
        return instance.isContainer && instance.hasRun ? .injected : .entrypoint
    }

    /// A process that executes again was inside if its last program was.
    private func wasInside(_ actor: Actor, _ instance: Instance) -> Bool {
        if let last = execs[actor.process] { return last.home === instance }
        if let ticks = instance.oldProcesses[actor.process.pid] {
            return actor.process.start / ProcessSnapshot.tick == ticks
        }
        return false
    }

    /// Of a container, where the parent's program was executed says most: a runtime's process that came in is not from
    /// inside. Elsewhere the cgroup does.
    private func parentIsInside(_ actor: Actor, _ instance: Instance) -> Bool {
        if instance.isContainer, actor.parentExec != 0, let home = homes[actor.parentExec] { return home === instance }
        guard actor.parentCgroup != 0, let parent = resolve(actor.parentCgroup), parent === instance else {
            return false
        }
        guard instance.isContainer, instance.pidNamespace != 0 else { return true }
        return actor.parentPidNamespace == instance.pidNamespace || actor.parentPidNamespace == actor.pidNamespace
            || actor.parentMountNamespace == instance.mountNamespace
    }

    /// The container whose mount namespace a process of another cgroup has entered and executed a program in. Before that
    /// it is still the program that it was outside: nsenter itself, or a runtime at its work.
    func entered(_ actor: Actor) -> Instance? {
        guard actor.mountNamespace != 0, let instance = namespaces[actor.mountNamespace],
            !actor.flags.contains(.foreignExecutable)
        else { return nil }
        return instance
    }

    /// Keeps what an exec tells about later acts.
    func note(exec event: Event, in owner: Instance) {
        let actor = event.actor
        // Asked for a second time, an event that waited is still the same.
        if let noted = execs[actor.process], noted.time == event.time { return }
        let origin = origin(actor, in: owner)
        execs.set(actor.process, NotedExec(time: event.time, home: owner, origin: origin))
        if actor.exec != 0 { homes.set(actor.exec, owner) }
        guard owner.isContainer else {
            // Anyone may call a program crun, and say where its state lies.
            if actor.uid == 0, let called = words(actor.exec) { state.context.roots.learn(called) }
            return
        }
        guard origin != .child else { return }
        // The runtime gave the container namespaces of its own. One that it shares with its parent is somebody else's.
        if origin == .entrypoint, owner.mountNamespace == 0, actor.mountNamespace != 0,
            actor.mountNamespace != actor.parentMountNamespace, actor.mountNamespace != Namespace.hostMount,
            tree.exists(owner.cgroup), believesNamespace(actor.mountNamespace)
        {
            owner.mountNamespace = actor.mountNamespace
            namespaces[actor.mountNamespace] = owner
            if actor.pidNamespace != actor.parentPidNamespace { owner.pidNamespace = actor.pidNamespace }
        }
        owner.hasRun = true
    }

    /// Not one in which runtimes themselves work.
    private func believesNamespace(_ number: UInt32) -> Bool {
        !makers.values.contains { $0.mountNamespace == number && $0.call != nil }
    }

    enum Setup {
        case no
        case of(Instance)
    }

    /// What a runtime does inside a container's cgroup before the container runs is the runtime's.
    ///
    /// It is believed only of a process that has never executed inside, so no workload can hide behind it:
    /// - the process was moved or cloned in (its last exec was in another cgroup) and its program lies on a mount of
    ///   another namespace, or is the parent's own program; or
    /// - runc's init: a copy of its parent's program, or one in memory, executed in the container's cgroup by a parent
    ///   outside, while still in the mount namespace of that parent. What is done under that same exec is the runtime's
    ///   too.
    func setup(_ event: Event, in owner: Instance) -> Setup {
        let actor = event.actor
        if case .exec(let exec) = event.act {
            guard actor.parentCgroup != owner.cgroup, actor.mountNamespace == actor.parentMountNamespace,
                actor.mountNamespace != owner.mountNamespace || owner.mountNamespace == 0,
                exec.flags.contains(.fileless) || actor.flags.contains(.sameAsParent)
                    || actor.executable.flags.contains(.detached)
            else { return .no }
            return outside(actor.parentCgroup, owner)
        }
        if actor.exec != 0, let home = homes[actor.exec] {
            if home === owner { return .no }
            // Executed inside under a runtime's hand: see above.
            if !home.isContainer, actor.execCgroup == actor.cgroup { return .of(home) }
        }
        guard actor.flags.contains(.moved), actor.execCgroup != 0,
            actor.flags.contains(.foreignExecutable) || actor.flags.contains(.sameAsParent)
        else { return .no }
        return outside(actor.execCgroup, owner)
    }

    private func outside(_ cgroup: UInt64, _ owner: Instance) -> Setup {
        guard cgroup != 0, tree.node(cgroup) != nil else { return .no }
        // An act waits for one cgroup only, its own.
        if resolve(cgroup) == nil { settle(cgroup) }
        guard let other = resolve(cgroup), other !== owner else { return .no }
        return .of(other)
    }
}
