import Events

/// Why a container is believed to be one.
extension Resolver {
    /// Takes over what the runtimes have written down.
    func believeState() {
        var ids: [String: UInt64] = [:]
        for claim in state.claims() {
            guard let path = cgroup(of: claim), let id = find(path, &ids) else { continue }
            if let known = vouched[id] {
                // Then nothing that the runtime wrote could be read yet.
                if known.workload.confidence == .kernel { known.learn(claim.facts) }
                continue
            }
            vouch(claim, for: id)
        }
    }

    /// The path of the cgroup that a claim is proven to be about.
    func cgroup(of claim: Claim) -> String? {
        guard let path = RuntimeState.cgroup(of: claim, in: tree) else { return nil }
        // No runtime runs a container right in a service's own cgroup: such a claim is mistaken or forged.
        if let unit = SystemdUnit(path: path), path.hasSuffix(".service"),
            unit.depth == path.split(separator: "/").count
        {
            return nil
        }
        return isOwn(path, claim.user) ? path : nil
    }

    /// `ids` is filled at the first call and serves the following ones.
    func find(_ path: String, _ ids: inout [String: UInt64]) -> UInt64? {
        if ids.isEmpty { for id in tree.ids { if let path = tree.path(of: id) { ids[path] = id } } }
        return ids[path]
    }

    func vouch(_ claim: Claim, for cgroup: UInt64) {
        let instance = vouch(claim.facts, for: cgroup)
        if let pid = claim.pid { noteNamespaces(instance, pid: pid) }
    }

    /// What stood in a cgroup before it was known to be a container's is the container's too.
    @discardableResult
    func vouch(
        _ facts: ContainerFacts, for cgroup: UInt64, confidence: Workload.Confidence = .runtime
    ) -> Instance {
        var facts = facts
        facts.bound()
        tellCut(facts)
        let path = tree.path(of: cgroup) ?? ""
        if let unit = SystemdUnit(path: path), case .user(let uid) = unit.owner { facts.isUsers = uid != 0 }
        if facts.started == nil, let maker = makers[cgroup] { facts.started = Self.epoch(maker.time) }
        facts.readServiceAccount()
        let instance = Instance(
            cgroup: cgroup, path: path, workload: Identity.workload(facts, confidence: confidence))
        instance.facts = facts
        if tree.node(cgroup)?.old == true { noteOld(instance) }
        vouched[cgroup] = instance
        own(instance)
        for id in tree.subtree(of: cgroup) { owners[id] = nil }
        makers[cgroup]?.isUndecided = false
        if instance.workload.kind != .oci { engines?.ask(facts.id, runtime: facts.runtime) }
        if !tellOfPod(instance) { engines?.askForPods() }
        return instance
    }

    func tellCut(_ facts: ContainerFacts) {
        guard facts.isCut else { return }
        state.context.files.tell(
            """
            container \(facts.id.prefix(128)): labels or annotations longer than \(JSON.longestString) bytes, or more than \
            \(ContainerFacts.mostLabels) of them, are left out; its identity is taken from the others
            """)
    }

    /// The kernel saw who made the cgroup: a runtime that was told which container it is for.
    func vouch(byMaker seen: Maker, of cgroup: UInt64) {
        guard vouched[cgroup] == nil, tree.node(cgroup) != nil else { return }
        var maker = seen
        if maker.call == nil { readCall(&maker) }
        makers[cgroup] = maker
        guard let call = maker.call, believes(maker) else { return }
        let pid = maker.process.pid
        switch claims(call, maker, cgroup) {
        case false?:
            makers[cgroup]?.isUndecided = false
            return
        case nil:
            // The bundle does not tell: the cgroup that is called after the container, or is the only one, is meant.
            guard maker.path.split(separator: "/").last?.contains(call.id) == true else { return }
        case true?: break
        }
        guard let facts = state.context.facts(id: call.id, bundle: call.bundle, tool: call.tool, via: pid) else {
            if let bundle = call.bundle, Containerd.place(ofBundle: bundle)?.namespace == "moby" { learnRoots() }
            makers[cgroup]?.isUndecided = true
            return
        }
        vouch(facts, for: cgroup)
    }

    /// Whether the cgroup is the one that the bundle asks for; nil where the bundle cannot be read.
    func claims(_ call: RuntimeCall, _ maker: Maker, _ cgroup: UInt64) -> Bool? {
        guard
            let asked = Bundle.cgroupPath(id: call.id, bundle: call.bundle, via: maker.process.pid, state.context),
            let path = tree.path(of: cgroup)
        else { return nil }
        return asked != "/" && path.hasSuffix(asked)
    }

    /// What a container starts inside itself vouches for nothing on the node.
    func believes(_ maker: Maker) -> Bool { believes(cgroup: maker.cgroup) }

    func believes(cgroup: UInt64) -> Bool {
        !tree.lineage(of: cgroup).contains { vouched[$0] != nil }
    }

    private func readCall(_ maker: inout Maker) {
        let known = words(maker.exec)
        let named = RuntimeCall.tool(executable: maker.executable)
        guard named != .engine, named != nil || RuntimeCall.isNameless(maker.executable) else {
            maker.isUndecided = false
            return
        }
        // The runtime makes the cgroup in the middle of its work: it mostly still runs when the news arrives.
        var called = known
        if called == nil, let stat = ProcessSnapshot.Stat(pid: maker.process.pid),
            stat.ticks == maker.process.start / ProcessSnapshot.tick
        {
            called = ProcessWords(
                executable: maker.executable, arguments: ProcessSnapshot.words(maker.process.pid))
        }
        guard var called else {
            maker.isUndecided = true
            return
        }
        called.workingDirectory = maker.workingDirectory
        if maker.uid == 0, believes(maker) { state.context.roots.learn(called) }
        maker.call = RuntimeCall(called)
        maker.isUndecided = maker.call != nil
    }

    /// The parent of a container's first program is the runtime, or its monitor, and knows the container's name.
    ///
    /// So it is with a scope that systemd made when a runtime asked for it, and with a cgroup that stood before.
    func vouch(byParentOf event: Event) {
        let actor = event.actor
        guard actor.parentCgroup != actor.cgroup, actor.parentExec != 0, let called = words(actor.parentExec),
            let call = RuntimeCall(called), believes(cgroup: actor.parentCgroup)
        else { return }
        for cgroup in tree.lineage(of: actor.cgroup) where vouched[cgroup] == nil {
            guard let path = tree.path(of: cgroup), let name = path.split(separator: "/").last else { continue }
            var id = call.id
            var bundle = call.bundle
            if let scoped = SystemdUnit.containerID(scope: name), scoped != id {
                // One shim serves all containers of a pod: the bundles lie side by side.
                guard call.tool == .shim, let own = bundle, let slash = own.lastIndex(of: "/") else { continue }
                id = scoped
                bundle = own[...slash] + scoped
            }
            guard let asked = Bundle.cgroupPath(id: id, bundle: bundle, via: actor.parent.pid, state.context),
                asked != "/", path.hasSuffix(asked),
                let facts = state.context.facts(id: id, bundle: bundle, tool: call.tool)
            else { continue }
            vouch(facts, for: cgroup)
            return
        }
    }

    /// What is already in a container when the monitor starts has not come in from outside.
    private func noteOld(_ instance: Instance) {
        for id in tree.subtree(of: instance.cgroup) {
            for pid in tree.processes(in: id) {
                // A container that is made but not started holds only its runtime.
                guard let executable = Files.link("/proc/\(pid)/exe"), RuntimeCall.tool(executable: executable) == nil,
                    !RuntimeCall.isNameless(executable), let stat = ProcessSnapshot.Stat(pid: pid),
                    stat.ticks * ProcessSnapshot.tick < started
                else { continue }
                instance.hasRun = true
                instance.oldProcesses[pid] = stat.ticks
            }
        }
    }

    func learnRoots() {
        _ = state.learnRoots { pid in
            guard let path = tree.hierarchy.cgroup(ofProcess: pid) else { return false }
            return !vouched.values.contains { path == $0.path || path.hasPrefix($0.path + "/") }
        }
        tellSockets()
    }

    func noteNamespaces(_ instance: Instance, pid: UInt32) {
        guard let mount = Namespace.mount(of: pid), mount != Namespace.hostMount, mount != Namespace.ownMount else {
            return
        }
        instance.mountNamespace = mount
        if let number = Namespace.pid(of: pid), number != Namespace.hostPid { instance.pidNamespace = number }
        if namespaces[mount] == nil { namespaces[mount] = instance }
    }
}
