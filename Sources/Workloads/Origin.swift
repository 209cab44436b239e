import Events

extension Resolver {
    /// How the program of an exec event came into the workload that the event was attributed to; asked after
    /// `attribute`, any number of times.
    ///
    /// Of the host all is `host`. Elsewhere a program whose parent is inside is a `child`. One whose parent is outside is
    /// `entrypoint` if the container has run nothing yet, else `injected`; units, users and cgroups have no wall to
    /// break, so there every program started from outside is an `entrypoint`.
    package func origin(of event: Event, in workload: Workload) -> Origin {
        if workload.kind == .host { return .host }
        let actor = event.actor
        guard let instance = instance(of: event) else { return workload.isContainer ? .injected : .entrypoint }
        if parentIsInside(actor, instance) { return .child }
        guard instance.isContainer else { return .entrypoint }
        if let entry = instance.entry, entry.process == actor.process, entry.time == event.time { return .entrypoint }
        return .injected
    }

    private func instance(of event: Event) -> Instance? {
        guard let owner = owners[event.actor.cgroup] else { return nil }
        if !owner.isContainer, let entered = namespaces[event.actor.mountNamespace] { return entered }
        if owner.isContainer, case .of(let runtime) = setup(event, in: owner) { return runtime }
        return owner
    }

    /// Where the parent's program was executed says most; a parent that forked in but executed outside has not come in.
    private func parentIsInside(_ actor: Actor, _ instance: Instance) -> Bool {
        if let home = homes[actor.parentExec] {
            return home === instance || home.workload.id == instance.workload.id && home.isContainer
        }
        guard actor.parentCgroup != 0 else { return false }
        guard let parent = resolve(actor.parentCgroup), parent === instance else { return false }
        guard instance.isContainer, instance.pidNamespace != 0 else { return true }
        return actor.parentPidNamespace == instance.pidNamespace || actor.parentPidNamespace == actor.pidNamespace
            || actor.parentMountNamespace == instance.mountNamespace
    }

    /// Keeps what an exec tells about later acts.
    func note(exec event: Event, in owner: Instance) {
        let actor = event.actor
        guard owner.isContainer else {
            homes.record(actor.exec, in: owner)
            if let called = words(actor.exec) { state.context.roots.learn(called) }
            return
        }
        let inside = parentIsInside(actor, owner)
        homes.record(actor.exec, in: owner)
        guard !inside else { return }
        // The runtime gave the container namespaces of its own. One that it shares with its parent is somebody else's.
        if owner.mountNamespace == 0, actor.mountNamespace != 0, actor.mountNamespace != actor.parentMountNamespace,
            actor.mountNamespace != Namespace.hostMount
        {
            owner.mountNamespace = actor.mountNamespace
            namespaces[actor.mountNamespace] = owner
            if actor.pidNamespace != actor.parentPidNamespace { owner.pidNamespace = actor.pidNamespace }
        }
        if !owner.hasRun {
            owner.hasRun = true
            owner.entry = (actor.process, event.time)
        }
    }

    enum Setup {
        case no
        case of(Instance)
        case waiting(for: UInt64)
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
        if let home = homes[actor.exec] {
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
        guard cgroup != 0 else { return .no }
        guard let other = resolve(cgroup) else { return tree.node(cgroup) == nil ? .no : .waiting(for: cgroup) }
        return other === owner ? .no : .of(other)
    }
}
